#include "core/fair_queue.hpp"

#include <algorithm>

namespace wixtokend::core {
namespace {
constexpr duration step{1};
constexpr std::size_t peers_max = 1'024;  // beyond it, peers without a turn to come are forgotten
}  // namespace

instant fair_queue::next_turn(peer_id peer) const {
  auto const found = last_turn_.find(peer);
  auto const last = found == last_turn_.end() ? virtual_now_ : found->second;
  return std::max(last, virtual_now_) + step;
}

void fair_queue::push(slot_number slot, peer_id peer) {
  forget_quiet();
  pay(slot, peer, next_turn(peer));
}

void fair_queue::pay(slot_number slot, peer_id peer, instant turn) {
  last_turn_[peer] = turn;
  payer_[slot] = peer;
  order_.push(slot, turn);
}

// A turn that is not used costs nothing, as long as it was the peer's last.
void fair_queue::give_back(slot_number slot) {
  auto const paid = payer_.find(slot);
  auto const last = last_turn_.find(paid->second);
  if (last != last_turn_.end() && last->second == order_.when(slot)) last->second -= step;
  payer_.erase(paid);
}

void fair_queue::remove(slot_number slot) {
  give_back(slot);
  order_.remove(slot);
}

void fair_queue::join(slot_number slot, peer_id peer) {
  auto const turn = next_turn(peer);
  if (turn >= order_.when(slot)) return;
  remove(slot);
  pay(slot, peer, turn);
}

void fair_queue::serve_top() {
  virtual_now_ = std::max(virtual_now_, order_.top_when());
  payer_.erase(order_.top());
  order_.pop();
}

void fair_queue::forget_quiet() {
  if (last_turn_.size() < peers_max) return;
  std::erase_if(last_turn_, [this](auto const& one) { return one.second <= virtual_now_; });
}

}  // namespace wixtokend::core
