#pragma once
// What is known when the upstream refuses an app as a whole, or seems to: one probe at a time.

#include "base/instance_id.hpp"
#include "base/time.hpp"
#include "core/policy.hpp"
#include "core/saved_state.hpp"
#include "core/upstream.hpp"

#include <vector>

namespace wixtokend::core {

/// The refusal of one app: said by the upstream, or suspected because it blocks one instance after
/// the other. Ends with the first token.
class app_refusal {
 public:
  explicit app_refusal(engine_policy const& policy) noexcept : policy_{policy} {}

  /// The upstream refused the app.
  /// @param was_probe  The answer is to the probe; answers to requests that were under way before
  ///                   are one refusal with the first.
  void refused(failure const& why, bool was_probe, instant now);
  /// The upstream blocked an instance.
  /// @param newly  It was known to be good, or was just registered.
  /// @returns true if the app is suspected from now on.
  bool blocked(instance_key const& key, failure const& why, bool newly, bool was_probe,
               instant now);
  /// A token came. @returns the instances that were blocked while the app was suspected: they
  /// deserve another try.
  std::vector<instance_key> succeeded();
  /// A probe is on its way: the next one has to wait again, whatever becomes of it.
  void probe_started(instant now) noexcept;
  /// Somebody says that it is cured: probe at once, but not again and again.
  void probe_now(instant now) noexcept;

  /// What outlives a restart.
  void save(saved_app& out) const;
  void restore(saved_app const& known);

  [[nodiscard]] bool active() const noexcept { return refusals_ != 0; }
  [[nodiscard]] bool suspected() const noexcept { return suspected_; }
  [[nodiscard]] failure const& why() const noexcept { return why_; }
  /// When the next probe may go; in the past if there is no refusal.
  [[nodiscard]] instant probe_at() const noexcept { return probe_at_; }

 private:
  void again(failure const& why, instant now);

  engine_policy const& policy_;
  unsigned refusals_ = 0;  ///< in a row; 0: none
  bool suspected_ = false;
  failure why_;
  std::vector<instance_key>
      blocked_;  ///< in a row, bounded by the policy's row while not suspected
  instant probe_at_ = instant::min();
  instant forced_probe_at_ = instant::min();  ///< when `probe_now` may be obeyed again
};

}  // namespace wixtokend::core
