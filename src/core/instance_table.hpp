#pragma once
// The instances and their tokens, in slots that stay where they are.

#include "core/engine_types.hpp"
#include "core/slab.hpp"
#include "core/slot_heap.hpp"
#include "core/waiter_table.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace wixtokend::core {

/// The queue in which an instance stands.
enum class place : std::uint8_t { nowhere, timer, lane_a, lane_b, lane_c, blocked };

/// What went wrong with an instance lately, and what has to be waited out because of it. Most
/// instances have none, so it is kept apart.
struct trouble {
  failure last_failure;
  instant last_failure_at = instant::min();
  instant caller_at = instant::min();       ///< next attempt while callers wait
  instant hold_until = instant::min();      ///< the upstream had nothing new: no attempt before it
  instant not_before = instant::min();      ///< the upstream said so: no attempt of any kind
  instant negative_until = instant::min();  ///< callers get the remembered refusal
  instant rejection_allowed_at = instant::min();
  instant last_rejection = instant::min();
  duration rejection_hold{};
  std::uint16_t failures = 0;         ///< transient ones in a row
  std::uint16_t caller_attempts = 0;  ///< failed ones in a row, for the pace while callers wait
  std::uint16_t blocked = 0;          ///< refusals of this instance in a row; 0: not blocked

  /// True if nothing of it has to be remembered any more.
  [[nodiscard]] bool over(instant now, duration rejection_memory) const noexcept {
    return failures == 0 && blocked == 0 && caller_at <= now && hold_until <= now &&
           not_before <= now && negative_until <= now &&
           (rejection_hold == duration{} || now - last_rejection >= rejection_memory);
  }
};

/// One instance as the engine knows it: two cache lines, since there may be a million.
struct alignas(64) instance_entry {
  using trouble_number = slab<trouble>::number;

  instance_key key;
  place where = place::nowhere;
  schedule_reason reason = schedule_reason::none;
  bool occupied : 1 = false;
  bool registered : 1 = false;
  bool probation : 1 = false;  ///< created on demand and not proven by a token yet
  bool rejected : 1 = false;
  bool in_vain : 1 = false;   ///< rejected, but the upstream gave the same token again
  bool demanded : 1 = false;  ///< asked for without waiting since the last attempt
  bool life_assumed : 1 = false;
  bool discard_flight : 1 = false;  ///< the flight was started for what is gone: a predecessor
                                    ///< of this entry, or a token that was dropped
  bool counted_warm : 1 = false;    ///< counts in its app's totals as kept warm...
  bool counted_usable : 1 = false;  ///< ...and as usable
  bool evictable : 1 = false;       ///< stands in the order of eviction
  bool was_blocked : 1 = false;     ///< at some time since its last token: no news if it is again
  bool has_code : 1 = false;        ///< an authorization code waits for its exchange
  bool removal : 1 = false;         ///< it is said to be removed
  bool unsaved : 1 = false;         ///< stands in the list of changes
  bool unkept : 1 = false;          ///< its registration has changed since it was taken to be kept
  bool keeping : 1 = false;         ///< its registration is being written
  bool watched : 1 = false;         ///< callers wait for its next token, and so it is in use
  grant how : 2 = grant::client_credentials;

  secret token;                      ///< empty: none
  generation_number generation = 0;  ///< of the last token that was minted; 0: none yet
  generation_number floor = 0;       ///< the next generation is at least this
  instant sent{};
  instant expires_at{};
  instant usable_until{};
  instant refresh_at{};
  instant background_at = never;  ///< next attempt by itself
  instant last_used = instant::min();
  std::uint64_t flight = 0;  ///< number of the flight under way; 0: none
  std::uint32_t demand = 0;  ///< what it counts in its app's demand, in 1e-9 mints per second
  trouble_number troubles = slab<trouble>::none;
  std::uint32_t first_waiter = waiter_table::none;
  std::uint32_t probation_uid = 0;  ///< whose budget the probation takes

  [[nodiscard]] bool waited_for() const noexcept { return first_waiter != waiter_table::none; }
  [[nodiscard]] bool usable(instant now) const noexcept {
    return !token.empty() && now < usable_until;
  }
  [[nodiscard]] bool meets(token_needs const& needs, instant now) const noexcept {
    return usable(now) && generation > needs.newer_than && usable_until - now >= needs.min_valid;
  }
};
static_assert(sizeof(instance_entry) <= 128);

/// Slots with an index by key. A slot number is valid until the instance is erased; entries never
/// move, so references stay valid as long.
class instance_table {
 public:
  instance_table() : index_{0, by_key{&rows_}, by_key{&rows_}} {}
  instance_table(instance_table const&) = delete;
  instance_table& operator=(instance_table const&) = delete;

  [[nodiscard]] std::optional<slot_number> find(instance_key const& key) const noexcept;
  [[nodiscard]] instance_entry& operator[](slot_number slot) noexcept { return rows_[slot]; }
  [[nodiscard]] instance_entry const& operator[](slot_number slot) const noexcept {
    return rows_[slot];
  }

  /// Adds an instance that is not there yet.
  slot_number insert(instance_key const& key);
  /// Wipes the token and frees the slot; it stands in no queue any more.
  void erase(slot_number slot);

  /// What went wrong with an instance; an empty record if nothing did.
  [[nodiscard]] trouble const& trouble_of(instance_entry const& entry) const noexcept {
    return entry.troubles == slab<trouble>::none ? no_trouble_ : troubles_[entry.troubles];
  }
  /// The same to write into.
  trouble& trouble_for(instance_entry& entry);
  void forget_trouble(instance_entry& entry);
  [[nodiscard]] std::size_t troubled() const noexcept { return troubles_.in_use(); }

  [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
  /// One past the greatest slot; some below may be free (`occupied == false`).
  [[nodiscard]] slot_number slots_end() const noexcept { return rows_.end(); }
  /// For the heaps over this table.
  [[nodiscard]] slot_positions& positions() noexcept { return positions_; }

 private:
  // The index keeps slot numbers only: 5 bytes an instance instead of 25, and a lookup that finds
  // its entry reads the key there anyway.
  struct by_key {
    using is_transparent = void;
    slab<instance_entry> const* rows;

    std::size_t operator()(slot_number slot) const noexcept {
      return hash_value((*rows)[slot].key);
    }
    std::size_t operator()(instance_key const& key) const noexcept { return hash_value(key); }
    bool operator()(slot_number left, slot_number right) const noexcept { return left == right; }
    bool operator()(slot_number slot, instance_key const& key) const noexcept {
      return (*rows)[slot].key == key;
    }
    bool operator()(instance_key const& key, slot_number slot) const noexcept {
      return (*rows)[slot].key == key;
    }
  };

  slab<instance_entry> rows_;
  slab<trouble> troubles_;
  boost::unordered_flat_set<slot_number, by_key, by_key> index_;
  slot_positions positions_;
  trouble const no_trouble_{};
};

}  // namespace wixtokend::core
