#pragma once
// The rows of a store: written sealed, one statement a kind.

#include "base/error.hpp"
#include "base/secret.hpp"
#include "store/database.hpp"
#include "store/sealing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <variant>

namespace wixtokend::store {

/// The kinds of rows, as `sealed_tables` lists them.
enum class row_kind : std::uint8_t { meta, keys, runs, apps, instances, grants, retained };

/// A column between `id` and `sealed`.
using column = std::variant<std::int64_t, std::string_view>;
using columns = std::initializer_list<column>;

/// Writes and reads single rows by their key, within the caller's transactions. Not synchronised.
class rows {
 public:
  /// All must outlive this object.
  rows(database& in, sealer& seals, opener& opens) noexcept
      : in_{in}, sealer_{seals}, opener_{opens} {}

  /// Inserts or replaces a row. `key` are all its columns, as the schema has them.
  [[nodiscard]] error_code put(row_kind kind, columns const& key, secret const& content);

  /// Removes the row of an instance (`instances`, `grants` or `retained`).
  /// @returns whether there was one.
  [[nodiscard]] result<bool> remove(row_kind kind, std::string_view app, std::string_view instance);

  /// The content of the row of an instance; nothing if there is none.
  [[nodiscard]] result<std::optional<secret>> find(row_kind kind, std::string_view app,
                                                   std::string_view instance);

  /// Removes retained rows whose instance was removed before that (Unix milliseconds).
  /// @returns whether there were any.
  [[nodiscard]] result<bool> purge_retained(std::int64_t removed_before);

 private:
  result<statement*> ready(statement& into, std::string_view sql);
  result<bool> change(statement& with);

  static constexpr std::size_t kinds = 7;

  database& in_;
  sealer& sealer_;
  opener& opener_;
  std::array<statement, kinds> puts_;
  std::array<statement, kinds> removes_;
  std::array<statement, kinds> finds_;
  statement purge_;
  statement changes_;
};

}  // namespace wixtokend::store
