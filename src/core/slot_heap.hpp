#pragma once
// A priority queue of table slots by instant, from which any slot can be taken out.

#include "base/time.hpp"

#include <boost/align/aligned_allocator.hpp>

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
  explicit slot_heap(slot_positions& positions);

  [[nodiscard]] bool empty() const noexcept { return size() == 0; }
  [[nodiscard]] std::size_t size() const noexcept;

  /// The soonest slot and its instant; not to be asked of an empty heap.
  [[nodiscard]] slot_number top() const noexcept;
  [[nodiscard]] instant top_when() const noexcept;
  /// The instant of a slot that is in this heap.
  [[nodiscard]] instant when(slot_number slot) const noexcept {
    return nodes_[positions_[slot]].when;
  }

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
  void shrink();

  slot_positions& positions_;
  std::vector<node, boost::alignment::aligned_allocator<node, 64>> nodes_;
};

}  // namespace wixtokend::core
