#include "core/slot_heap.hpp"

#include <algorithm>
#include <cassert>

namespace wixtokend::core {
namespace {

// The first places are left empty, so that the four children of a node share a cache line.
constexpr std::size_t root = 3;
constexpr std::size_t children = 4;

constexpr std::size_t first_child_of(std::size_t position) noexcept {
  return (position - root) * children + root + 1;
}
constexpr std::size_t parent_of(std::size_t position) noexcept {
  return (position - root - 1) / children + root;
}
static_assert(first_child_of(root) == children && first_child_of(root + 1) == 2 * children);
static_assert(parent_of(4) == root && parent_of(8) == 4 && parent_of(11) == 4);

constexpr std::size_t shrink_from = 4'096;  // below this, unused memory is not worth giving back

}  // namespace

slot_heap::slot_heap(slot_positions& positions) : positions_{positions}, nodes_(root) {}

std::size_t slot_heap::size() const noexcept {
  return nodes_.size() - root;
}

slot_number slot_heap::top() const noexcept {
  return nodes_[root].slot;
}

instant slot_heap::top_when() const noexcept {
  return nodes_[root].when;
}

void slot_heap::place(std::size_t position, node const& which) noexcept {
  nodes_[position] = which;
  positions_[which.slot] = static_cast<std::uint32_t>(position);
}

void slot_heap::rise(std::size_t position, node const& which) noexcept {
  while (position != root) {
    auto const parent = parent_of(position);
    if (nodes_[parent].when <= which.when) break;
    place(position, nodes_[parent]);
    position = parent;
  }
  place(position, which);
}

void slot_heap::sink(std::size_t position, node const& which) noexcept {
  for (;;) {
    auto const first = first_child_of(position);
    if (first >= nodes_.size()) break;
    // The way down waits for memory: whichever child it takes, that one's children are on their
    // way.
    auto const grandchildren = first_child_of(first);
    for (std::size_t i = 0; i < children && grandchildren < nodes_.size(); ++i) {
      __builtin_prefetch(nodes_.data() + grandchildren + i * children);
    }
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
  if (position != nodes_.size()) {
    if (position != root && last.when < nodes_[parent_of(position)].when) {
      rise(position, last);
    } else {
      sink(position, last);
    }
  }
  bool const wasteful = nodes_.capacity() > shrink_from && nodes_.size() < nodes_.capacity() / 4;
  if (wasteful) shrink();
}

// A queue that was long once, at a mass start or in an outage, is short for ever after.
void slot_heap::shrink() {
  decltype(nodes_) smaller;
  smaller.reserve(nodes_.size() * 2);
  smaller.assign(nodes_.begin(), nodes_.end());
  nodes_.swap(smaller);
}

}  // namespace wixtokend::core
