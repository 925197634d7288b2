#pragma once
// The refresh engine: decides who is minted when, and what callers get. Does nothing itself.

#include "core/endpoint.hpp"
#include "core/engine_types.hpp"
#include "core/instance_table.hpp"
#include "core/policy.hpp"
#include "core/probation.hpp"
#include "core/random.hpp"
#include "core/waiter_table.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <vector>

namespace wixtokend::core {

/// A pure state machine. Events go in with the time at which they happen; after each, ask `next`
/// until it gives no flight, take the `completions`, and come back at `wake_at` at the latest.
///
/// No I/O, no clock, no thread, no callback; randomness from one seed, so that the same events
/// give the same decisions. Time that steps back counts as standing still. An app number beyond
/// the apps that it was made with is a bug (asserted).
class engine {
 public:
  /// @param apps   Apps by number, at least one.
  /// @param floor  The least generation that may be given out: Unix milliseconds at start.
  engine(engine_policy const& policy, std::vector<app_policy> const& apps, std::uint64_t seed,
         generation_number floor);
  engine(engine const&) = delete;
  engine& operator=(engine const&) = delete;

  // ---- callers

  /// The token that may be handed out at `now`, if it meets the needs. Changes nothing.
  [[nodiscard]] std::optional<token_view> usable(instance_key const& key, token_needs const& needs,
                                                 instant now) const;

  /// A caller wants a token and waits for it until `deadline` at most. Counts as use.
  request_answer request(instance_key const& key, token_needs const& needs, instant deadline,
                         instant now);
  /// A waiting caller has left. Ids that are not waiting any more are ignored.
  void abandon(waiter_id waiter, instant now);

  /// True if an attempt is under way or callers wait: a request now would share it.
  [[nodiscard]] bool in_progress(instance_key const& key) const noexcept;

  /// A caller saw the token of `generation` refused.
  rejection reject(instance_key const& key, generation_number generation, instant now);
  /// How long until a rejection of the present token would be taken; 0: now.
  [[nodiscard]] duration rejection_hold(instance_key const& key, instant now) const;

  // ---- instances

  /// Registers an instance, also one that was created on demand.
  /// @param floor  Unix milliseconds now; the engine never lets it fall.
  /// @returns whether it was not registered before; nothing if the table is full.
  std::optional<bool> add(instance_key const& key, generation_number floor, instant now);
  /// Creates an unknown instance for a request of `uid`. @returns the refusal if it may not be.
  std::optional<refusal> create_on_demand(instance_key const& key, std::uint32_t uid,
                                          generation_number floor, instant now);
  /// Forgets an instance; its waiters end with `unknown_instance`. @returns false if not known.
  bool remove(instance_key const& key);
  /// Drops the token and mints anew. @returns false if not known.
  bool drop_token(instance_key const& key, instant now);
  /// Clears blocked, backoff and holds. @returns false if not known.
  bool retry(instance_key const& key, instant now);

  // ---- flights

  /// The flight to start now, if there is one; counted as started.
  std::optional<flight> next(instant now);
  /// What a flight came to. A flight that is not under way is ignored.
  void finished(flight const& ended, flight_result result, instant now);

  /// Counts an upstream request that is not a flight (Token Info) against the app's budget.
  /// @returns how long to wait if it may not go now; otherwise `request_ended` must follow.
  std::optional<duration> admit_request(instance_key const& key, instant now);
  /// @param failed  What became of it, if it failed: a `Retry-After` in it holds for attempts too.
  void request_ended(instance_key const& key, failure const* failed, instant now);

  /// When `next` has to be asked again if no event comes before; `never` if there is nothing.
  [[nodiscard]] instant wake_at() const noexcept;
  /// The waits that have ended since the last call.
  [[nodiscard]] std::vector<completion> take_completions();
  /// Ends every wait with `stopping`; later requests are refused so too.
  void stop();

  // ---- views

  [[nodiscard]] std::optional<instance_view> view(instance_key const& key, instant now) const;
  /// The view of the instance at a slot; nothing if the slot is free. Slots run to `slots_end`.
  [[nodiscard]] std::optional<instance_view> view_at(slot_number slot, instant now) const;
  [[nodiscard]] slot_number slots_end() const noexcept { return table_.slots_end(); }
  [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
  [[nodiscard]] std::size_t waiters() const noexcept { return waiters_.size(); }
  [[nodiscard]] std::size_t in_flight(app_number app) const noexcept;
  /// The refusal of the whole app, if the upstream refuses it.
  [[nodiscard]] failure const* app_refusal(app_number app) const noexcept;
  /// How many instances should have a usable token although nobody asks (those that the upstream
  /// blocks are not counted), and how many of them have one. Looks at every instance.
  struct warmth {
    std::size_t kept_warm = 0;
    std::size_t usable = 0;
  };
  [[nodiscard]] warmth warmth_at(instant now) const noexcept;

 private:
  // engine.cpp: callers and instances
  [[nodiscard]] std::optional<refusal> immediate_refusal(instance_entry const& entry,
                                                         token_needs const& needs,
                                                         instant now) const;
  [[nodiscard]] refusal refusal_at_deadline(instance_entry const& entry, token_needs const& needs,
                                            instant now) const;
  void wake(slot_number slot, instant now);
  void restart(slot_number slot, instant now);
  slot_number insert(instance_key const& key, generation_number floor);
  void erase(slot_number slot);

  // engine_flights.cpp: what attempts come to
  void accept(slot_number slot, minted&& result, instant now);
  void replace_token(instance_entry& entry, minted&& result, instant usable_until, instant now);
  void keep_token(instance_entry& entry, char const* why, instant now);
  void fail(slot_number slot, failure&& why, instant now);
  void back_off(slot_number slot, failure const& why, instant now);
  void block(slot_number slot, instant now);
  void refuse_app(slot_number slot, failure const& why, instant now);
  void answer_waiters(slot_number slot, instant now);

  // engine_schedule.cpp: who is next
  void reschedule(slot_number slot, instant now);
  void expire_waiters(instant now);
  void ripen(endpoint& app, instant now);
  void ripen_one(slot_number slot, instant now);
  [[nodiscard]] std::optional<slot_number> pick(endpoint& app, instant now);
  [[nodiscard]] instant attempt_at(instance_entry const& entry) const noexcept;
  [[nodiscard]] bool kept_warm(instance_entry const& entry, instant now) const noexcept;

  void complete(std::uint32_t waiter, std::optional<refusal> refused);
  [[nodiscard]] endpoint& endpoint_of(instance_key const& key) noexcept;
  [[nodiscard]] endpoint const& endpoint_of(instance_key const& key) const noexcept;
  [[nodiscard]] static token_view view_of(instance_entry const& entry) noexcept;
  [[nodiscard]] instant advance(instant now) noexcept;

  engine_policy policy_;
  random_source random_;
  instance_table table_;
  waiter_table waiters_;
  probation probation_;
  std::deque<endpoint> endpoints_;  ///< by app number; they hold references and must not move
  std::size_t next_endpoint_ = 0;   ///< apps take turns
  std::vector<completion> completions_;
  std::unordered_map<instance_key, std::uint64_t> orphans_;  ///< flights of removed instances
  generation_number floor_;  ///< above every generation of an instance that is gone
  std::uint64_t last_flight_ = 0;
  instant latest_ = instant::min();
  bool stopping_ = false;
};

}  // namespace wixtokend::core
