#pragma once
// What a configuration will ask of the upstream, before it does: pure arithmetic.

#include "base/time.hpp"
#include "core/policy.hpp"
#include "daemon/config.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace wixtokend::daemon {

/// The life that is calculated with: what the upstream documents for `client_credentials`
/// (docs/upstream.md U-14).
inline constexpr duration assumed_life = std::chrono::hours{4};

/// More demand than this part of the ceiling leaves too little for retries and for callers who
/// wait: warm instances may go cold.
inline constexpr double demand_fraction_max = 0.8;

/// One app's share.
struct app_forecast {
  std::string name;
  std::size_t kept_warm = 0;      ///< instances in the file that are refreshed unasked
  double mints_per_second = 0;    ///< in the steady state
  double ceiling = 0;             ///< requests per second
  double background_rate = 0;     ///< of it, for instances that nobody waits for
  duration warm_up{};             ///< until all have a first token, at that rate
  std::size_t kept_warm_max = 0;  ///< how many would reach `demand_fraction_max`
  duration first_cold{};          ///< an outage so long takes no warm instance's last usable token
  duration all_cold{};            ///< after so long nothing is usable any more

  [[nodiscard]] double load() const noexcept { return mints_per_second / ceiling; }
  [[nodiscard]] bool overloaded() const noexcept { return load() > demand_fraction_max; }
  /// The ceiling would do, but the rate that is configured for the background does not.
  [[nodiscard]] bool held_back() const noexcept {
    return !overloaded() && mints_per_second > demand_fraction_max * background_rate;
  }
};

/// All apps. Each has an upstream budget of its own.
struct load_forecast {
  std::vector<app_forecast> apps;
};

/// Demand is the sum of 1 / (mean refresh fraction × life) over the instances kept warm; the
/// fraction is that of the app's `resilience`.
[[nodiscard]] load_forecast forecast_load(configuration const& settings,
                                          core::engine_policy const& policy);

/// The forecast in a few lines for people; a line that begins with `warning: ` for each app whose
/// instances may go cold.
[[nodiscard]] std::string to_text(load_forecast const& forecast);

}  // namespace wixtokend::daemon
