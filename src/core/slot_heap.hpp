#pragma once
// A priority queue of table slots by instant, from which any slot can be taken out.

#include "base/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace wixtokend::core {

using slot_number = std::uint32_t;

/// Where each slot stands in the one heap that it is in. Heaps over the same table share it, since
/// a slot is in one of them at a time: 4 bytes a slot, no node, no allocation per operation.
using slot_positions = std::vector<std::uint32_t>;

/// An indexed 4-ary heap, soonest first. Equal instants come in no particular order.
class slot_heap {
 public:
  /// @param positions  Outlives the heap and is large enough for every slot that is pushed.
  explicit slot_heap(slot_positions& positions) noexcept : positions_{positions} {}

  [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }

  /// The soonest slot and its instant; not to be asked of an empty heap.
  [[nodiscard]] slot_number top() const noexcept { return nodes_.front().slot; }
  [[nodiscard]] instant top_when() const noexcept { return nodes_.front().when; }

  void push(slot_number slot, instant when);
  void remove(slot_number slot);
  void pop() { remove(top()); }

 private:
  struct node {
    instant when{};
    slot_number slot = 0;
  };
  void place(std::size_t position, node const& which) noexcept;
  void rise(std::size_t position, node const& which) noexcept;
  void sink(std::size_t position, node const& which) noexcept;

  slot_positions& positions_;
  std::vector<node> nodes_;
};

}  // namespace wixtokend::core
