#pragma once
// Who of the waiting callers is served first: each peer gets its turn, however many it has waiting.

#include "core/engine_types.hpp"
#include "core/slot_heap.hpp"

#include <cstddef>
#include <map>
#include <unordered_map>

namespace wixtokend::core {

/// Self-clocked fair queueing (Golestani 1994): each slot gets a virtual finishing time, one step
/// after its peer's last one, and the least goes first. A peer that was not waiting starts at the
/// present virtual time, so that it can neither save turns up nor be made to pay for others'.
class fair_queue {
 public:
  /// @param positions  As for `slot_heap`.
  explicit fair_queue(slot_positions& positions) : order_{positions} {}

  [[nodiscard]] bool empty() const noexcept { return order_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }
  [[nodiscard]] slot_number top() const noexcept { return order_.top(); }

  /// How many peers are remembered.
  [[nodiscard]] std::size_t peers() const noexcept { return last_turn_.size(); }

  /// Queues a slot on account of `peer`.
  void push(slot_number slot, peer_id peer);
  /// Another peer waits for a queued slot: it may bring it forward.
  void join(slot_number slot, peer_id peer);
  /// Takes a slot out that is not served.
  void remove(slot_number slot);
  /// The first slot is served now.
  void serve_top();

 private:
  [[nodiscard]] instant next_turn(peer_id peer) const;
  void pay(slot_number slot, peer_id peer, instant turn);
  void give_back(slot_number slot);
  void forget_quiet();

  slot_heap order_;
  instant virtual_now_{};
  std::map<peer_id, instant> last_turn_;
  std::unordered_map<slot_number, peer_id> payer_;  ///< whose turn each queued slot takes
};

}  // namespace wixtokend::core
