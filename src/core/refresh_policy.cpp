#include "core/refresh_policy.hpp"

#include <algorithm>

namespace wixtokend::core {

duration scaled(duration length, double factor) noexcept {
  return duration{static_cast<duration::rep>(static_cast<double>(length.count()) * factor)};
}

duration margin_of(duration life, bool assumed, engine_policy const& policy) noexcept {
  auto margin =
      std::clamp(scaled(life, policy.margin_fraction), policy.margin_min, policy.margin_max);
  if (assumed) margin = std::max(margin, policy.margin_min_assumed);
  return std::min(margin, scaled(life, policy.margin_fraction_max));
}

duration refresh_after(duration life, double draw, engine_policy const& policy) noexcept {
  bool const is_short = life <= policy.short_life;
  auto const from = is_short ? policy.short_refresh_from : policy.refresh_from;
  auto const to = is_short ? policy.short_refresh_to : policy.refresh_to;

  // The cap must not turn the window into one instant, or a fleet would refresh as one: where it
  // binds, leads spread over its last quarter.
  auto const lead_most = std::min(scaled(life, 1 - from), policy.lead_max);
  auto const lead_least = std::min(scaled(life, 1 - to), scaled(policy.lead_max, 0.75));
  return life - lead_most + scaled(lead_most - lead_least, draw);
}

duration idle_after(duration life, engine_policy const& policy) noexcept {
  return std::max(scaled(life, policy.idle_lives), policy.idle_min);
}

}  // namespace wixtokend::core
