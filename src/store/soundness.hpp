#pragma once
// Whether a file is a sound database of ours, before any of its rows are read.

#include "base/error.hpp"
#include "store/database.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace wixtokend::store {

/// Why a store cannot be used: "FILE …" and the way out.
struct unsound {
  std::string what;
  std::string way_out;
};

/// Says why SQLite could not read a store.
[[nodiscard]] unsound unreadable(error_code reason);

/// Verifies that the file is ours, of a version that we know, sound as a database, and has the
/// tables of its version. @param version  Set to its version as soon as that is known.
[[nodiscard]] std::optional<unsound> verify_structure(database& in, std::int64_t& version);

}  // namespace wixtokend::store
