#pragma once
// What the seal of a row covers beside its content: where it belongs.

#include "store/database.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wixtokend::store {

/// The associated data of a row's seal: the table and the columns between `id` and `sealed`. A row
/// that was moved or changed does not open.
class row_identity {
 public:
  explicit row_identity(std::string_view table);

  row_identity& add(std::int64_t value);
  row_identity& add(std::string_view blob);
  /// As it stands in the row that the statement came to; another type than ours is marked, too.
  row_identity& add_column(statement const& row, int column);

  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }

 private:
  void add_number(std::uint64_t value);
  std::string bytes_;
};

}  // namespace wixtokend::store
