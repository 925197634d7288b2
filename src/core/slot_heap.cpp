#include "core/slot_heap.hpp"

#include <algorithm>
#include <cassert>

namespace wixtokend::core {
namespace {
constexpr std::size_t children = 4;
}

void slot_heap::place(std::size_t position, node const& which) noexcept {
  nodes_[position] = which;
  positions_[which.slot] = static_cast<std::uint32_t>(position);
}

void slot_heap::rise(std::size_t position, node const& which) noexcept {
  while (position != 0) {
    auto const parent = (position - 1) / children;
    if (nodes_[parent].when <= which.when) break;
    place(position, nodes_[parent]);
    position = parent;
  }
  place(position, which);
}

void slot_heap::sink(std::size_t position, node const& which) noexcept {
  for (;;) {
    auto const first = position * children + 1;
    if (first >= nodes_.size()) break;
    auto least = first;
    auto const last = std::min(first + children, nodes_.size());
    for (auto child = first + 1; child < last; ++child) {
      if (nodes_[child].when < nodes_[least].when) least = child;
    }
    if (which.when <= nodes_[least].when) break;
    place(position, nodes_[least]);
    position = least;
  }
  place(position, which);
}

void slot_heap::push(slot_number slot, instant when) {
  assert(slot < positions_.size());
  nodes_.push_back({when, slot});
  rise(nodes_.size() - 1, {when, slot});
}

void slot_heap::remove(slot_number slot) {
  auto const position = positions_[slot];
  assert(position < nodes_.size() && nodes_[position].slot == slot);
  auto const last = nodes_.back();
  nodes_.pop_back();
  if (position == nodes_.size()) return;
  if (position != 0 && last.when < nodes_[(position - 1) / children].when) {
    rise(position, last);
  } else {
    sink(position, last);
  }
}

}  // namespace wixtokend::core
