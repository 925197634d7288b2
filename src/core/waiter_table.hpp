#pragma once
// The callers that wait: for a token, or for the next one; of which instance, and until when.

#include "core/engine_types.hpp"
#include "core/slot_heap.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wixtokend::core {

/// Waiters in a flat table, chained per instance, ordered by deadline. Ids are never reused.
class waiter_table {
 public:
  static constexpr std::uint32_t none = UINT32_MAX;

  struct waiter {
    token_needs needs;
    peer_id peer;
    slot_number instance = 0;       ///< slot in the instance table
    std::uint32_t previous = none;  ///< chain of the same instance
    std::uint32_t next = none;
    std::uint32_t sequence = 0;  ///< tells a reused place apart; odd while in use
    bool watching = false;       ///< it has a token, and waits for the next one
  };

  waiter_table() : deadlines_{positions_} {}
  waiter_table(waiter_table const&) = delete;
  waiter_table& operator=(waiter_table const&) = delete;

  /// Adds a waiter at the front of the chain that starts at `head`, which is updated.
  waiter_id add(slot_number instance, token_needs const& needs, peer_id peer, instant deadline,
                std::uint32_t& head);
  /// The same for one that watches. `needs.newer_than` is the generation that it has.
  waiter_id add_watcher(slot_number instance, token_needs const& needs, peer_id peer,
                        instant deadline, std::uint32_t& head);

  /// The place of a waiter that is still waiting.
  [[nodiscard]] std::optional<std::uint32_t> find(waiter_id id) const noexcept;
  [[nodiscard]] waiter const& at(std::uint32_t place) const noexcept { return waiters_[place]; }
  [[nodiscard]] waiter_id id_of(std::uint32_t place) const noexcept;

  /// Takes a waiter out; `head` is the start of its instance's chain.
  void remove(std::uint32_t place, std::uint32_t& head);

  /// The place of the waiter whose deadline is soonest and not after `now`.
  [[nodiscard]] std::optional<std::uint32_t> expired(instant now) const noexcept;
  [[nodiscard]] instant earliest_deadline() const noexcept;
  /// The place of the waiter whose deadline is soonest.
  [[nodiscard]] std::optional<std::uint32_t> soonest() const noexcept;
  /// The instances that somebody waits for without watching, each once.
  [[nodiscard]] std::vector<slot_number> instances() const;
  [[nodiscard]] std::size_t size() const noexcept { return deadlines_.size(); }

 private:
  std::vector<waiter> waiters_;
  std::vector<std::uint32_t> free_;
  slot_positions positions_;
  slot_heap deadlines_;
};

}  // namespace wixtokend::core
