#pragma once
// The state of one app's token endpoint: its budget, its pauses, and who is to go next.

#include "core/instance_table.hpp"
#include "core/policy.hpp"
#include "core/slot_heap.hpp"
#include "core/token_bucket.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace wixtokend::core {

/// What stands between a due instance and its attempt. Every attempt of an app goes through here.
class endpoint {
 public:
  endpoint(app_policy const& app, engine_policy const& policy, slot_positions& positions);

  /// Moves a slot into a queue, or out of all; `when` orders the queue.
  void put(slot_number slot, instance_entry& entry, place where, instant when);

  /// The soonest slot of the timer if it is due; it stays there.
  [[nodiscard]] std::optional<slot_number> due(instant now) const noexcept;

  /// True if an attempt may start now: budget, flights, pauses and the refusal probe allow it.
  [[nodiscard]] bool may_start(instant now) const noexcept;

  /// No attempt before this, whatever the budget: a pause, or the probe of a refused app.
  [[nodiscard]] instant held_until() const noexcept { return std::max(paused_until_, probe_at_); }

  /// How long until a request that is no attempt may go; a guess if that depends on others.
  [[nodiscard]] duration ask_delay(instant now) const noexcept;

  /// The most urgent slot that is ready: lane A, B, then C.
  [[nodiscard]] std::optional<slot_number> most_urgent() const noexcept;

  /// As `may_start`, for a request that is no attempt (Token Info): it never goes before an attempt
  /// that is ready, and has a quarter of the rate and of the places at most.
  [[nodiscard]] bool may_ask(instant now) const noexcept;
  /// Counts such a request; `ended` is for both.
  void asked(instant now);
  void answered() noexcept { --asking_; }

  /// Counts an attempt against the budget. To be called when `may_start`.
  void started(instant now);
  /// The attempt is over, whatever it came to.
  void ended() noexcept { --in_flight_; }

  void succeeded() noexcept;
  /// The upstream throttled an instance; a second one soon after, or an app's only one, pauses all.
  void throttled(slot_number slot, std::optional<duration> retry_after, instant now);
  void refused(failure const& why, instant now);
  /// Somebody says that the refusal is cured: probe at once, but not again and again.
  void probe_now(instant now) noexcept;

  [[nodiscard]] bool is_refused() const noexcept { return refusals_ != 0; }
  /// True if the app is refused and a new caller cannot be the probe either.
  [[nodiscard]] bool refuses_callers(instant now) const noexcept {
    return is_refused() && (now < probe_at_ || in_flight_ != 0);
  }
  [[nodiscard]] failure const& refusal() const noexcept { return refusal_; }
  [[nodiscard]] instant probe_at() const noexcept { return probe_at_; }

  /// An instance of this app was added to, or taken out of, the table.
  void joined() noexcept { ++instances_; }
  void left() noexcept { --instances_; }

  /// Counts a rejection-caused mint against its quarter of the rate.
  bool take_rejection(instant now) noexcept { return rejections_.try_take(now); }
  [[nodiscard]] instant rejection_available_at() const noexcept {
    return rejections_.available_at();
  }

  /// When this endpoint has something to do if nothing else happens before.
  [[nodiscard]] instant wake_at() const noexcept;

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] app_policy const& app() const noexcept { return app_; }

 private:
  [[nodiscard]] slot_heap* queue(place where) noexcept;
  [[nodiscard]] instant start_allowed_at() const noexcept;

  app_policy app_;
  engine_policy const& policy_;
  slot_heap timer_;
  slot_heap lane_a_;
  slot_heap lane_b_;
  slot_heap lane_c_;
  token_bucket budget_;
  token_bucket rejections_;
  token_bucket questions_;
  std::size_t asking_ = 0;
  std::size_t in_flight_ = 0;
  std::size_t instances_ = 0;

  instant paused_until_ = instant::min();
  std::optional<slot_number> last_throttled_;
  instant last_throttled_at_ = instant::min();

  unsigned refusals_ = 0;  ///< in a row; 0: the app is not refused
  failure refusal_;
  instant probe_at_ = instant::min();
  instant forced_probe_at_ = instant::min();  ///< when `probe_now` may be obeyed again
  bool probing_ = false;                      ///< the last attempt that was started is the probe
};

}  // namespace wixtokend::core
