#pragma once
// The tables of a store, their versions, and the steps from each version to the next.

#include "base/error.hpp"
#include "store/database.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::store {

/// Marks a SQLite file as ours (its header's "application id"): "wixt".
inline constexpr std::int64_t application_id = 0x77697874;

/// What this program reads and writes. A file of an older version is brought forward when it is
/// opened; one of a newer version is refused.
inline constexpr std::int64_t schema_version = 1;

/// All tables. Each begins with `id`, the row's number in the file, and ends with `sealed`; the
/// seal covers the table's name and every column in between (`row_identity.hpp`).
inline constexpr std::array<std::string_view, 7> sealed_tables{
    "meta", "keys", "runs", "apps", "instances", "grants", "retained"};

/// Brings a database from version `from` (0: empty) to version `to`. To be called in a transaction
/// of the caller's.
[[nodiscard]] error_code migrate(database& in, std::int64_t from, std::int64_t to = schema_version);

/// All that SQLite's own table of tables says, in a fixed order, one line an entry.
[[nodiscard]] result<std::vector<std::string>> schema_of(database& in);

/// What `schema_of` says of a sound database of that version.
[[nodiscard]] result<std::vector<std::string>> expected_schema(std::int64_t version);

}  // namespace wixtokend::store
