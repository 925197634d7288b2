#pragma once
// The state of one app's token endpoint: its budget, its pauses, and who is to go next.

#include "core/app_refusal.hpp"
#include "core/breaker.hpp"
#include "core/fair_queue.hpp"
#include "core/instance_table.hpp"
#include "core/pace.hpp"
#include "core/peer_limits.hpp"
#include "core/policy.hpp"
#include "core/saved_state.hpp"
#include "core/slot_heap.hpp"
#include "core/token_bucket.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wixtokend::core {

/// What one instance adds to its app's totals.
struct share_of_app {
  std::uint32_t demand = 0;  ///< in 1e-9 mints per second
  bool warm = false;         ///< it should have a usable token...
  bool usable = false;       ///< ...and has one
};

/// What stands between a due instance and its attempt. Every attempt of an app goes through here.
class endpoint {
 public:
  endpoint(app_policy const& app, engine_policy const& policy, slot_positions& positions);

  /// Another policy. The caller counts all instances anew, since their shares depend on it.
  void configure(app_policy const& app, instant now);
  [[nodiscard]] app_policy const& app() const noexcept { return app_; }

  // ---- queues

  /// Moves a slot into a queue other than lane A, or out of all; `when` orders the queue.
  void put(slot_number slot, instance_entry& entry, place where, instant when);
  /// Moves a slot into lane A on account of `peer`; if it is there, the peer joins.
  void put_waited_for(slot_number slot, instance_entry& entry, peer_id peer);

  /// The soonest slot of the timer if it is due; it stays there.
  [[nodiscard]] std::optional<slot_number> due(instant now) const noexcept;
  /// The first slot of lane B, whether or not it may start.
  [[nodiscard]] std::optional<slot_number> first_living() const noexcept;
  /// The slot whose attempt may start now, if there is one; it stays where it is.
  /// @param critical  The first of lane B has so little left that it comes before callers, who
  ///                  keep their share of the turns.
  [[nodiscard]] std::optional<slot_number> startable(bool critical, instant now) noexcept;

  // ---- attempts

  /// Counts the attempt of a slot that is `startable`, and takes it out of its queue.
  void started(slot_number slot, instance_entry& entry, std::uint64_t flight, instant now);
  /// The attempt is over; to be called before what it came to is told. @returns whether it was the
  /// one probe of a breaker or a refusal.
  bool ended(std::uint64_t flight) noexcept;

  /// @returns the instances that deserve another try now.
  std::vector<instance_key> succeeded(instance_key const& key, instant now);
  /// The instance that got a token last; nothing if none did.
  [[nodiscard]] std::optional<instance_key> const& last_good() const noexcept { return last_good_; }
  void failed(instance_key const& key, bool was_probe, double draw, instant now) noexcept;
  /// The upstream throttled an instance; a second one soon after, or an app's only one, pauses all.
  void throttled(instance_key const& key, std::optional<duration> retry_after, instant now);
  void refused(failure const& why, bool was_probe, instant now);
  /// @param newly  The instance was not blocked before. @returns true if the app is suspected now.
  bool blocked(instance_key const& key, failure const& why, bool newly, bool was_probe,
               instant now);
  /// Somebody says that a refusal of the app is cured.
  void probe_now(instant now) noexcept { refusal_.probe_now(now); }

  // ---- requests that are no attempts (Token Info)

  /// Such a request never goes before an attempt that may go, and has a quarter of the rate and of
  /// the places at most.
  [[nodiscard]] bool may_ask(instant now) noexcept;
  /// How long until one may go; a guess if that depends on others.
  [[nodiscard]] duration ask_delay(instant now) noexcept;
  void asked(instant now);
  void answered() noexcept;

  // ---- rejections

  /// Counts a rejection-caused mint against its part of the rate and the peer's part of that.
  bool take_rejection(peer_id peer, instant now);
  [[nodiscard]] instant rejection_available_at(peer_id peer) const {
    return std::max(rejections_.available_at(), rejections_by_peer_.available_at(peer));
  }

  // ---- what is known

  [[nodiscard]] app_refusal const& refusal() const noexcept { return refusal_; }
  /// True if the app is refused and a new caller cannot be the probe either.
  [[nodiscard]] bool refuses_callers(instant now) const noexcept {
    return refusal_.active() && (now < refusal_.probe_at() || in_flight_ != 0);
  }
  /// True while no more than probes go out.
  [[nodiscard]] bool is_closed_off() const noexcept {
    return refusal_.active() || !breaker_.closed();
  }
  /// No attempt before this, whatever the budget; `never` if that hangs on an attempt under way.
  [[nodiscard]] instant held_until() const noexcept;
  /// When this endpoint has something to do if nothing else happens before.
  [[nodiscard]] instant wake_at() const noexcept;
  /// Brings the rates up to date; to be called before the times above are asked for.
  void refresh_rates(instant now) noexcept;

  /// An instance of this app was added to, or taken out of, the table.
  void joined() noexcept { ++instances_; }
  void left() noexcept { --instances_; }
  /// The first caller waits for an instance, or the last one has gone.
  void waiting_began() noexcept { ++waited_for_; }
  void waiting_ended() noexcept { --waited_for_; }
  /// Replaces what an instance adds to the totals.
  void count(share_of_app const& before, share_of_app const& after) noexcept;

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] app_view view(instant now) const noexcept;

  /// What outlives a restart, but for the app's number.
  [[nodiscard]] saved_app save(instant now) const;
  void restore(saved_app const& known, instant now);

 private:
  [[nodiscard]] slot_heap* queue(place where) noexcept;
  void take_out(slot_number slot, place from);
  [[nodiscard]] instant start_allowed_at() const noexcept;
  [[nodiscard]] instant background_allowed_at() const noexcept;
  [[nodiscard]] double background_rate(double rate) const noexcept;
  [[nodiscard]] slot_heap const* background_lane(instant now) const noexcept;
  [[nodiscard]] bool can_spare(instant now) const noexcept;

  app_policy app_;
  engine_policy const& policy_;
  slot_heap timer_;
  fair_queue lane_a_;
  slot_heap lane_b_;
  slot_heap lane_c_;
  slot_heap blocked_lane_;

  pace pace_;
  breaker breaker_;
  app_refusal refusal_;
  token_bucket budget_;      ///< everything, at the pace
  token_bucket background_;  ///< lanes B and C, and the blocked
  token_bucket blocked_;     ///< of it, retries of blocked instances
  token_bucket rejections_;
  peer_limits rejections_by_peer_;
  token_bucket questions_;

  std::size_t asking_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t instances_ = 0;
  std::size_t waited_for_ = 0;
  std::size_t warm_ = 0;
  std::size_t usable_ = 0;
  std::uint64_t demand_ = 0;       ///< in 1e-9 mints per second
  unsigned turn_ = 0;              ///< of callers and critical tokens, when both wait
  bool probe_background_ = false;  ///< probes of callers and of the background alternate
  std::uint64_t probe_flight_ = 0;

  instant paused_until_ = instant::min();
  std::optional<instance_key> last_good_;
  std::optional<instance_key> last_throttled_;
  instant last_throttled_at_ = instant::min();
  instant other_throttled_at_ = instant::min();  ///< when one that is not the last was throttled
};

}  // namespace wixtokend::core
