#pragma once
// The refresh engine: decides who is minted when, and what callers get. Does nothing itself.

#include "core/endpoint.hpp"
#include "core/engine_types.hpp"
#include "core/instance_table.hpp"
#include "core/policy.hpp"
#include "core/probation.hpp"
#include "core/random.hpp"
#include "core/saved_state.hpp"
#include "core/slot_heap.hpp"
#include "core/survey.hpp"
#include "core/waiter_table.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <variant>
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
  request_answer request(instance_key const& key, token_needs const& needs, peer_id peer,
                         instant deadline, instant now);
  /// A caller has the token of generation `has.newer_than` and wants to hear of the next one. It
  /// waits until `deadline` at most, and no longer than its token can be handed out and leaves it
  /// `has.min_valid`. Nothing is minted for it, but while it waits the instance is in use.
  /// @returns a refusal `wait_ended` if there is nothing to wait for: whoever asks looks again, as
  ///          after a completion without refusal.
  std::variant<waiter_id, refusal> watch(instance_key const& key, token_needs const& has,
                                         peer_id peer, instant deadline, instant now);
  /// All who watch are to look again: what they may have is decided anew.
  void end_watches();
  /// A waiting caller has left. Ids that are not waiting any more are ignored.
  void abandon(waiter_id waiter, instant now);

  /// True if an attempt is under way or callers wait: a request now would share it.
  [[nodiscard]] bool in_progress(instance_key const& key) const noexcept;

  /// A caller saw the token of `generation` refused.
  rejection reject(instance_key const& key, generation_number generation, peer_id peer,
                   instant now);
  /// How long until a rejection of the present token by `peer` would be taken; 0: now.
  [[nodiscard]] duration rejection_hold(instance_key const& key, peer_id peer, instant now) const;

  // ---- instances

  /// Registers an instance, also one that was created on demand. When the table is full, the
  /// on-demand instance that has been unused for longest makes room.
  /// @param floor  Unix milliseconds now; the engine never lets it fall.
  /// @returns whether it was not registered before; nothing if there is no room.
  std::optional<bool> add(instance_key const& key, generation_number floor, instant now);
  /// Creates an unknown instance for a request of `peer`. @returns the refusal if it may not be.
  std::optional<refusal> create_on_demand(instance_key const& key, peer_id peer,
                                          generation_number floor, instant now);
  /// Puts another policy for an app in force. Looks at every instance.
  void configure(app_number app, app_policy const& policy, instant now);
  /// Somebody says that what the app was refused for is over: the next probe goes at once.
  void probe_now(app_number app, instant now);
  /// Forgets an instance; its waiters end with `unknown_instance`. @returns false if not known.
  bool remove(instance_key const& key);
  /// Drops the token and mints anew. @returns false if not known.
  bool drop_token(instance_key const& key, instant now);
  /// Clears blocked, backoff and holds. @returns false if not known.
  bool retry(instance_key const& key, instant now);

  // ---- legacy grants; whoever calls these keeps the secrets

  /// Another grant; a usable token stays. @returns false if the instance is not known.
  bool set_grant(instance_key const& key, grant how, instant now);
  /// A code is to be exchanged, before `deadline` and before anything else is tried. Flights carry
  /// `authorization_code` until one brings a token, the upstream refuses it, or time is over.
  bool offer_code(instance_key const& key, instant deadline, instant now);
  /// The upstream is said to have removed the instance. Mints are made to find out: two that say
  /// so, a while apart, give a notice; a token, `add`, or time makes nothing of it.
  bool announce_removal(instance_key const& key, instant now);
  /// What was found out since the last call.
  [[nodiscard]] std::vector<grant_notice> take_notices();
  [[nodiscard]] bool has_notices() const noexcept { return !notices_.empty(); }

  // ---- what outlives a restart

  /// From now on changes are noted for `take_changes`; each instance once, however often it
  /// changes.
  void note_changes() noexcept { noting_ = true; }
  /// Notes one that changed outside of the engine.
  void note_change(instance_key const& key);
  /// How many changes were noted so far, and how many of these were taken.
  [[nodiscard]] std::uint64_t changes_noted() const noexcept { return changes_noted_; }
  [[nodiscard]] std::uint64_t changes_taken() const noexcept {
    return changes_noted_ - changes_.size();
  }
  struct change {
    instance_key key;
    std::optional<saved_instance> state;  ///< nothing: it is gone
  };
  /// The oldest changes, as the instances are now. Each must be `saved` or `not_saved` afterwards.
  [[nodiscard]] std::vector<change> take_changes(std::size_t max, instant now);
  void saved(instance_key const& key);
  void not_saved(instance_key const& key);
  [[nodiscard]] saved_app save_app(app_number app, instant now) const;

  /// Brings back what was known before a restart; its refresh instant is not drawn again.
  /// @returns false if the instance is known already or the table is full.
  bool restore(saved_instance&& known, generation_number floor, instant now);
  void restore_app(saved_app const& known, instant now);
  /// From now on no instance, known or new, gets a generation below `floor`. Looks at every one.
  void raise_floor(generation_number floor);

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
  [[nodiscard]] std::size_t apps() const noexcept { return endpoints_.size(); }
  [[nodiscard]] std::size_t waiters() const noexcept { return waiters_.size(); }
  [[nodiscard]] std::size_t in_flight(app_number app) const noexcept;
  [[nodiscard]] app_view app_view_at(app_number app, instant now) const noexcept;
  /// Looks at up to `most` slots from `from` on, and adds what is there to each app's part of
  /// `into`. What is done in several calls is of one time only as far as nothing happens between.
  /// @returns the slot to go on at; `slots_end` or more: that was all.
  slot_number survey(slot_number from, std::size_t most, std::span<app_survey> into,
                     instant now) const;
  /// Compares everything that is kept twice, at every instance: empty if it agrees, else what does
  /// not. For tests.
  [[nodiscard]] std::string inconsistency(instant now) const;
  /// The refusal of the whole app, if the upstream refuses it.
  [[nodiscard]] failure const* app_refusal(app_number app) const noexcept;

 private:
  // engine.cpp: callers
  [[nodiscard]] std::optional<refusal> immediate_refusal(instance_entry const& entry,
                                                         token_needs const& needs,
                                                         instant now) const;
  [[nodiscard]] refusal refusal_at_deadline(instance_entry const& entry, token_needs const& needs,
                                            instant now) const;
  void complete(std::uint32_t waiter, std::optional<refusal> refused);
  void remove_waiter(std::uint32_t waiter);
  void answer_waiters(slot_number slot, instant now);
  void answer_waiters_of(app_number app, instant now);

  // engine_watch.cpp: callers that wait for the next token
  void remove_watcher(std::uint32_t watcher);
  void answer_watchers(slot_number slot, instant now);
  void end_watches(slot_number slot, refusal const& why);

  // engine_instances.cpp: which instances there are
  slot_number insert(instance_key const& key, generation_number floor);
  void erase(slot_number slot);
  [[nodiscard]] bool make_room(instant now);
  void establish(slot_number slot, instant now);
  void set_evictable(slot_number slot, bool evictable);
  void wake(slot_number slot, instant now);
  void restart(slot_number slot, instant now);
  void forgive(std::vector<instance_key> const& wronged, instant now);
  void hold(instance_key const& key, duration retry_after, instant now);
  void remember_hold(instance_key const& key, instant until);
  void leave_probation(slot_number slot);
  void forget_stale_probation(instant now);

  // engine_grants.cpp: codes and removals
  void end_code(instance_entry& entry);
  void end_removal(instance_entry& entry);
  void confirm_if_dead(instance_entry const& entry);
  [[nodiscard]] instant code_urgency(instance_entry const& entry) const noexcept {
    return code_deadline(entry) - policy_.code_lead;
  }
  [[nodiscard]] instant code_deadline(instance_entry const& entry) const noexcept;
  bool expire_code(slot_number slot, instant now);
  void look_for_removal(instance_entry& entry, failure const& what, instant now);

  // engine_saving.cpp: what outlives a restart
  void changed(instance_entry& entry);
  void registration_changed(instance_entry& entry);

  // engine_flights.cpp: what attempts come to
  void learn_only(instance_key const& key, flight_result const& result, bool was_probe,
                  instant now);
  void accept(slot_number slot, grant how, minted&& result, bool was_probe, instant now);
  void replace_token(instance_entry& entry, minted&& result, instant usable_until, instant now);
  void keep_token(instance_entry& entry, char const* why, instant now);
  void recover(instance_entry& entry, instant now);
  void fail(slot_number slot, grant how, failure&& why, bool was_probe, instant now);
  void refuse_code(instance_entry& entry, instant now);
  void find_probe(instance_entry& blocked, instant now);
  void back_off(instance_entry& entry, instant now);
  void block(instance_entry& entry, instant now);

  // engine_schedule.cpp: who is next
  void settle(slot_number slot, instant now);
  void recount(instance_entry& entry, bool gone, instant now);
  void queue_waited_for(slot_number slot);
  void expire_waiters(instant now);
  void ripen(endpoint& app, instant now);
  void ripen_one(slot_number slot, instant now);
  [[nodiscard]] std::optional<slot_number> pick(endpoint& app, instant now);
  [[nodiscard]] instant attempt_at(instance_entry const& entry) const noexcept;
  [[nodiscard]] instant grant_attempt_at(instance_entry const& entry) const noexcept;
  [[nodiscard]] instant code_attempt_at(instance_entry const& entry) const noexcept;
  [[nodiscard]] instant living_until(instance_entry const& entry, instant now) const noexcept;
  [[nodiscard]] bool kept_warm(instance_entry const& entry, instant now) const noexcept;

  [[nodiscard]] endpoint& endpoint_of(instance_key const& key) noexcept;
  [[nodiscard]] endpoint const& endpoint_of(instance_key const& key) const noexcept;
  [[nodiscard]] instance_state state_at(instance_entry const& entry, instant now) const noexcept;
  [[nodiscard]] token_view view_of(instance_entry const& entry) const noexcept;
  [[nodiscard]] instant advance(instant now) noexcept;

  engine_policy policy_;
  random_source random_;
  instance_table table_;
  waiter_table waiters_;
  std::unordered_map<slot_number, std::uint32_t> watches_;  ///< the first watcher of each instance
  probation probation_;
  std::deque<endpoint> endpoints_;  ///< by app number; they hold references and must not move
  std::size_t next_endpoint_ = 0;   ///< apps take turns
  slot_positions use_positions_;
  slot_heap by_use_;  ///< what may be evicted; an instant there may be older than the last use
  slot_heap probation_by_use_;  ///< the same for what is on probation
  std::vector<completion> completions_;
  std::unordered_map<instance_key, std::uint64_t> orphans_;   ///< flights of removed instances
  std::unordered_map<instance_key, instant> removed_holds_;   ///< their `Retry-After`
  std::unordered_map<instance_key, instant> codes_;           ///< when their time is over
  std::unordered_map<instance_key, saved_removal> removals_;  ///< announced, not confirmed
  std::vector<grant_notice> notices_;
  std::deque<instance_key> changes_;  ///< noted and not taken
  std::uint64_t changes_noted_ = 0;
  bool noting_ = false;
  generation_number floor_;  ///< above every generation of an instance that is gone
  std::uint64_t last_flight_ = 0;
  instant latest_ = instant::min();
  bool stopping_ = false;
};

}  // namespace wixtokend::core
