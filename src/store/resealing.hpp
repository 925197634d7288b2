#pragma once
// Seals rows anew with the key in use, after the operator has put another one first.

#include "base/error.hpp"
#include "store/database.hpp"
#include "store/sealing.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wixtokend::store {

/// Goes once over all rows, a few at a time; then forgets the keys that nothing is sealed with any
/// more. Not synchronised.
class resealing {
 public:
  static constexpr std::size_t rows_at_once = 500;

  /// @param needed  Whether there are rows under other keys at all.
  explicit resealing(bool needed) noexcept : done_{!needed} {}

  /// One transaction's worth. After a failure it may be called again.
  [[nodiscard]] error_code step(database& in, sealer& seals, opener& opens);

  [[nodiscard]] bool done() const noexcept { return done_; }
  [[nodiscard]] std::uint64_t resealed() const noexcept { return resealed_; }

 private:
  struct row {
    std::int64_t id = 0;
    std::string identity;  // associated data
    std::string sealed;
  };

  result<std::vector<row>> next(database& in, std::string_view table);
  // How many rows it sealed again.
  result<std::uint64_t> reseal(statement& update, std::vector<row> const& found, sealer& seals,
                               opener& opens);
  error_code forget_keys(database& in, key_id const& in_use);

  bool done_;
  std::size_t table_ = 0;           // in `sealed_tables`
  std::int64_t after_ = INT64_MIN;  // the last row's id
  std::uint64_t resealed_ = 0;
};

}  // namespace wixtokend::store
