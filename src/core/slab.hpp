#pragma once
// A table whose rows are numbered and stay where they are; freed rows are used again.

#include <boost/container/deque.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace wixtokend::core {

/// Rows of `T` in large blocks. References and numbers are valid until the row is freed. Memory
/// is kept for the next rows.
template <class T>
class slab {
 public:
  using number = std::uint32_t;
  static constexpr number none = UINT32_MAX;

  [[nodiscard]] T& operator[](number row) noexcept { return rows_[row]; }
  [[nodiscard]] T const& operator[](number row) const noexcept { return rows_[row]; }

  /// A row in its initial state.
  number take() {
    if (free_.empty()) {
      rows_.emplace_back();
      return static_cast<number>(rows_.size() - 1);
    }
    auto const row = free_.back();
    free_.pop_back();
    return row;
  }

  /// Puts a row back into its initial state and frees it.
  void free(number row) {
    rows_[row] = T{};
    free_.push_back(row);
  }

  /// One past the greatest number that was ever taken.
  [[nodiscard]] number end() const noexcept { return static_cast<number>(rows_.size()); }
  [[nodiscard]] std::size_t in_use() const noexcept { return rows_.size() - free_.size(); }

 private:
  using blocks = boost::container::deque_options_t<boost::container::block_size<512>>;
  boost::container::deque<T, std::allocator<T>, blocks> rows_;
  std::vector<number> free_;
};

}  // namespace wixtokend::core
