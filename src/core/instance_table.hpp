#pragma once
// The instances and their tokens, in slots that stay where they are.

#include "core/engine_types.hpp"
#include "core/slot_heap.hpp"
#include "core/waiter_table.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace wixtokend::core {

/// The last failure of an instance; most have none, so it is kept apart.
struct failure_record {
  failure what;
  instant when{};
};

/// The queue in which an instance stands.
enum class place : std::uint8_t { nowhere, timer, lane_a, lane_b, lane_c };

/// One instance as the engine knows it.
struct instance_entry {
  instance_key key;
  secret token;                      ///< empty: none
  generation_number generation = 0;  ///< of the last token that was minted
  generation_number floor = 0;       ///< the first generation is at least this
  instant sent{};
  instant expires_at{};
  instant usable_until{};
  instant refresh_at{};

  instant background_at = never;            ///< next attempt by itself
  instant caller_at = instant::min();       ///< next attempt while callers wait
  instant hold_until = instant::min();      ///< the upstream had nothing new: no attempt before it
  instant not_before = instant::min();      ///< no attempt of any kind before it
  instant negative_until = instant::min();  ///< callers get the remembered refusal
  instant rejection_allowed_at = instant::min();
  instant last_rejection = instant::min();
  duration rejection_hold{};
  instant last_used = instant::min();

  std::uint64_t flight = 0;  ///< number of the flight under way; 0: none
  std::unique_ptr<failure_record> last_failure;
  std::uint32_t first_waiter = waiter_table::none;
  std::uint32_t waiters = 0;
  std::uint32_t probation_uid = 0;    ///< whose budget the probation takes
  std::uint16_t failures = 0;         ///< transient ones in a row
  std::uint16_t caller_attempts = 0;  ///< failed ones in a row, for the pace while callers wait
  std::uint16_t blocked = 0;          ///< refusals of this instance in a row; 0: not blocked
  place where = place::nowhere;
  schedule_reason reason = schedule_reason::none;
  bool occupied = false;
  bool registered = false;
  bool probation = false;  ///< created on demand and not proven by a token yet
  bool rejected = false;
  bool in_vain = false;   ///< rejected, but the upstream gave the same token again
  bool demanded = false;  ///< asked for without waiting since the last attempt
  bool life_assumed = false;
  bool discard_flight = false;  ///< the flight was started for a predecessor of this entry

  [[nodiscard]] bool usable(instant now) const noexcept {
    return !token.empty() && now < usable_until;
  }
  [[nodiscard]] bool meets(token_needs const& needs, instant now) const noexcept {
    return usable(now) && generation > needs.newer_than && usable_until - now >= needs.min_valid;
  }
};

/// Slots with an index by key. A slot number is valid until the instance is erased; entries never
/// move, so references stay valid as long.
class instance_table {
 public:
  [[nodiscard]] std::optional<slot_number> find(instance_key const& key) const noexcept;
  [[nodiscard]] instance_entry& operator[](slot_number slot) noexcept { return slots_[slot]; }
  [[nodiscard]] instance_entry const& operator[](slot_number slot) const noexcept {
    return slots_[slot];
  }

  /// Adds an instance that is not there yet.
  slot_number insert(instance_key const& key);
  /// Wipes the token and frees the slot.
  void erase(slot_number slot);

  [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
  /// One past the greatest slot; some below may be free (`occupied == false`).
  [[nodiscard]] slot_number slots_end() const noexcept {
    return static_cast<slot_number>(slots_.size());
  }
  /// For the heaps over this table.
  [[nodiscard]] slot_positions& positions() noexcept { return positions_; }

 private:
  std::deque<instance_entry> slots_;
  std::vector<slot_number> free_;
  boost::unordered_flat_map<instance_key, slot_number, std::hash<instance_key>> index_;
  slot_positions positions_;
};

}  // namespace wixtokend::core
