#pragma once
// What happens in one run, as far as it is decided beforehand: drawn from the seed.

#include "base/time.hpp"
#include "core/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::sim {

using namespace std::chrono_literals;

/// What an upstream is like for a while.
enum class weather : std::uint8_t {
  fair,       ///< fast, with a heavy tail
  slow,       ///< seconds
  drip,       ///< as slow as it may be: up to the total timeout of 10 s
  dead,       ///< every connection fails at once
  hanging,    ///< no answer within 10 s
  brown_out,  ///< a part fails
  throttled,  ///< 429 or 503, with or without Retry-After, for a part
  refusing,   ///< the app's secret is refused
  absurd,     ///< answers with lives that make no sense
};
[[nodiscard]] char const* to_string(weather what) noexcept;

/// A stretch of one app's time.
struct phase {
  instant begins{};
  weather what = weather::fair;
  double share = 0;        ///< the part of the answers that goes wrong, where it is a part
  duration retry_after{};  ///< named with `throttled`; 0: none
};

/// How long tokens live.
struct life_plan {
  duration from = 4h;
  duration to = 4h;  ///< drawn for each token between these
  bool assumed = false;
};

/// One app, its instances and its upstream.
struct app_plan {
  core::app_policy policy;
  std::size_t instances = 0;  ///< registered at the start
  std::size_t strangers = 0;  ///< that exist upstream and may be created on demand
  life_plan life;
  duration latency = 80ms;    ///< in fair weather; one in a hundred takes ten times as long
  double sick_share = 0;      ///< of the instances, in each phase: each with a trouble of its own
  double gone_share = 0;      ///< of the instances: the upstream never knows them
  std::vector<phase> phases;  ///< by time; the first begins with the run, the last is fair

  /// Mints per second that it takes to keep `instances` warm, from the specification: one each
  /// time that the middle of the refresh window is reached.
  [[nodiscard]] double demand() const noexcept { return demand(policy, instances); }
  /// The same for another policy and number.
  [[nodiscard]] double demand(core::app_policy const& by, std::size_t count) const noexcept;
  [[nodiscard]] phase const& at(instant now) const noexcept;
};

/// How often things happen, on average; 0: never.
struct pace {
  duration request{};
  duration burst{};  ///< many callers at once
  duration administrator{};
  duration mass_rejection{};
  duration suspend{};
  duration wall_step{};
  duration restart{};
  duration configuration{};
  duration token_info{};
};

/// One run.
struct scenario {
  std::uint64_t seed = 1;
  std::size_t instances = 200;
  double days = 1;

  core::engine_policy policy;
  std::vector<app_plan> apps;
  instant begins{};
  instant faults_end{};  ///< from here on the weather is fair and nobody interferes
  sim::pace pace;
  double reject_share = 0;   ///< of the answers that callers report as refused
  double vanish_share = 0;   ///< of the waiting callers that leave early
  double restore_share = 0;  ///< of the restarts that bring back what was known

  [[nodiscard]] std::string describe() const;
};

/// Draws a run.
/// @param begins  The virtual clock at its start.
[[nodiscard]] scenario draw_scenario(std::uint64_t seed, std::size_t instances, double days,
                                     instant begins);

}  // namespace wixtokend::sim
