#pragma once
// What is known of instances and apps apart from the engine: from what was asked of it, what it
// sent upstream, and what was answered.

#include "core/engine_types.hpp"
#include "sim/issued_token.hpp"
#include "sim/leaky_bucket.hpp"
#include "sim/scenario.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace wixtokend::sim {

inline constexpr instant long_ago = instant::min();

/// One instance.
struct instance_model {
  instance_key key;
  bool registered = false;
  bool gone = false;     ///< the upstream never knows it
  bool discard = false;  ///< the mint under way is not for the entry that is there now
  std::uint8_t mints_under_way = 0;
  std::uint32_t waiting = 0;  ///< callers that have not been answered

  issued_token issued;  ///< the last that the upstream issued, whether it arrived or not

  // What callers can be served, as last seen.
  issued_token held;  ///< serial 0: nothing
  core::generation_number generation = 0;
  instant refresh_at{};  ///< as the engine says

  // What was ever seen; it outlives removal and restarts.
  core::generation_number last_generation = 0;
  std::uint64_t last_serial = 0;

  // When the next mint may begin.
  std::uint16_t failures = 0;       ///< transient ones in a row
  std::uint16_t caller_row = 0;     ///< the same, as far as the pace of callers goes
  std::uint16_t blocked = 0;        ///< refusals in a row, at least...
  std::uint16_t blocked_most = 0;   ///< ...and at most
  bool wanted_once = false;         ///< somebody asked without waiting, and was not served
  instant not_before = long_ago;    ///< Retry-After
  instant pace_until = long_ago;    ///< by itself: backoff, hold-off, refresh window
  instant caller_until = long_ago;  ///< while callers wait
  instant failed_at = long_ago;

  // Reports that the token was refused.
  core::generation_number rejected = 0;  ///< the generation that is to be replaced
  bool in_vain = false;                  ///< its mint brought nothing new
  instant rejected_at = long_ago;        ///< when the last replacement was promised

  [[nodiscard]] bool usable(instant now) const noexcept {
    return held.serial != 0 && now < held.usable_until();
  }
  /// The engine has forgotten all but the generation and what the upstream asked for.
  void forget() noexcept;
  /// What went wrong does not count any more.
  void forgive() noexcept;
};

/// One app.
struct app_model {
  explicit app_model(app_plan const& plan);

  app_plan const* plan;
  core::app_policy policy;
  leaky_bucket requests;
  leaky_bucket rejections;
  std::size_t under_way = 0;   ///< mints and questions
  std::size_t registered = 0;  ///< instances
  instant paused_until = long_ago;
  std::optional<std::size_t> last_throttled;
  instant last_throttled_at = long_ago;
  unsigned refusals = 0;               ///< of the app, in a row
  std::size_t probe = 0;               ///< the instance whose mint was the last probe
  std::vector<std::size_t> blocked;    ///< since the last success
  instant suspected_until = long_ago;  ///< any instance may have to be the probe until then
  instant refused_until = long_ago;    ///< no attempt before it

  // For the guarantee that what is warm stays warm.
  double demand = 0;       ///< mints per second for what is held, by its own lives
  double caller_load = 0;  ///< requests per second for waiting callers, over about a minute
  instant caller_load_at{};
  instant calm_since{};        ///< whatever was wrong before has been made up for by then
  instant busy_at = long_ago;  ///< when there was last more to do than the guarantee allows

  // For progress.
  instant stuck_since = never;  ///< work waits, nothing hinders it, and nothing has gone out

  void configure(core::app_policy const& next, instant now);
  [[nodiscard]] double rate() const noexcept;  ///< for instances that nobody waits for, at most
};

/// All of them. Instances are numbered over all apps, and are never taken out.
class model {
 public:
  explicit model(scenario const& plan);

  [[nodiscard]] std::size_t size() const noexcept { return instances_.size(); }
  [[nodiscard]] instance_model& at(std::size_t index) noexcept { return instances_[index]; }
  [[nodiscard]] instance_model const& at(std::size_t index) const noexcept {
    return instances_[index];
  }
  [[nodiscard]] std::vector<app_model>& apps() noexcept { return apps_; }
  [[nodiscard]] app_model& app_of(std::size_t index) noexcept {
    return apps_[static_cast<std::size_t>(instances_[index].key.app)];
  }
  /// The number is part of the id.
  [[nodiscard]] static std::size_t index_of(instance_id const& id) noexcept;

  /// One that was not there yet.
  std::size_t add(app_number app, bool gone);

  std::uint64_t next_serial() noexcept { return ++serial_; }
  core::generation_number greatest_generation = 0;

 private:
  std::uint64_t seed_;
  std::vector<instance_model> instances_;
  std::vector<app_model> apps_;
  std::uint64_t serial_ = 0;
};

}  // namespace wixtokend::sim
