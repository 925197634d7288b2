#include "core/waiter_table.hpp"

namespace wixtokend::core {

waiter_id waiter_table::add(slot_number instance, token_needs const& needs, peer_id peer,
                            instant deadline, std::uint32_t& head) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(waiters_.size()));
    waiters_.emplace_back();
    positions_.emplace_back();
  }
  auto const place = free_.back();
  free_.pop_back();

  auto& added = waiters_[place];
  added.needs = needs;
  added.peer = peer;
  added.instance = instance;
  added.watching = false;
  added.previous = none;
  added.next = head;
  ++added.sequence;
  if (head != none) waiters_[head].previous = place;
  head = place;
  deadlines_.push(place, deadline);
  return id_of(place);
}

waiter_id waiter_table::add_watcher(slot_number instance, token_needs const& needs, peer_id peer,
                                    instant deadline, std::uint32_t& head) {
  auto const id = add(instance, needs, peer, deadline, head);
  waiters_[head].watching = true;
  return id;
}

std::optional<std::uint32_t> waiter_table::find(waiter_id id) const noexcept {
  auto const value = static_cast<std::uint64_t>(id);
  auto const place = static_cast<std::uint32_t>(value);
  auto const sequence = static_cast<std::uint32_t>(value >> 32U);
  if (place >= waiters_.size() || waiters_[place].sequence != sequence) return std::nullopt;
  return place;
}

waiter_id waiter_table::id_of(std::uint32_t place) const noexcept {
  return waiter_id{std::uint64_t{waiters_[place].sequence} << 32U | place};
}

void waiter_table::remove(std::uint32_t place, std::uint32_t& head) {
  auto& gone = waiters_[place];
  if (gone.previous != none) {
    waiters_[gone.previous].next = gone.next;
  } else {
    head = gone.next;
  }
  if (gone.next != none) waiters_[gone.next].previous = gone.previous;
  ++gone.sequence;
  deadlines_.remove(place);
  free_.push_back(place);
}

std::optional<std::uint32_t> waiter_table::expired(instant now) const noexcept {
  if (deadlines_.empty() || deadlines_.top_when() > now) return std::nullopt;
  return deadlines_.top();
}

std::optional<std::uint32_t> waiter_table::soonest() const noexcept {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.top();
}

// One waiter of each chain has no predecessor, and is in use: its sequence is odd.
std::vector<slot_number> waiter_table::instances() const {
  std::vector<slot_number> found;
  for (auto const& one : waiters_) {
    bool const first = one.sequence % 2 != 0 && one.previous == none;
    if (first && !one.watching) found.push_back(one.instance);
  }
  return found;
}

instant waiter_table::earliest_deadline() const noexcept {
  return deadlines_.empty() ? never : deadlines_.top_when();
}

}  // namespace wixtokend::core
