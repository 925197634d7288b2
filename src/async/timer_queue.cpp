#include "async/timer_queue.hpp"

#include <utility>

namespace wixtokend {

timer_queue::position timer_queue::add(instant when, handler completion) {
  position const where{when, next_sequence_++};
  waits_.emplace(where, std::move(completion));
  return where;
}

timer_queue::handler timer_queue::remove(position const& which) {
  auto node = waits_.extract(which);
  if (node.empty()) return {};
  return std::move(node.mapped());
}

timer_queue::handler timer_queue::pop_due(instant now) {
  if (waits_.empty() || waits_.begin()->first.when > now) return {};
  return std::move(waits_.extract(waits_.begin()).mapped());
}

instant timer_queue::earliest() const noexcept {
  return waits_.empty() ? never : waits_.begin()->first.when;
}

}  // namespace wixtokend
