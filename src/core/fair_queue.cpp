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
  auto const turn = next_turn(peer);
  last_turn_[peer] = turn;
  order_.push(slot, turn);
}

void fair_queue::join(slot_number slot, peer_id peer) {
  auto const turn = next_turn(peer);
  if (turn >= order_.when(slot)) return;
  last_turn_[peer] = turn;
  order_.remove(slot);
  order_.push(slot, turn);
}

void fair_queue::serve_top() {
  virtual_now_ = std::max(virtual_now_, order_.top_when());
  order_.pop();
}

void fair_queue::forget_quiet() {
  if (last_turn_.size() < peers_max) return;
  std::erase_if(last_turn_, [this](auto const& one) { return one.second <= virtual_now_; });
}

}  // namespace wixtokend::core
