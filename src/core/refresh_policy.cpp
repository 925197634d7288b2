#include "core/refresh_policy.hpp"

#include <algorithm>

namespace wixtokend::core {
namespace {

double centre_of(duration life, resilience how, engine_policy const& policy) noexcept {
  auto const centre = [&] {
    switch (how) {
      case resilience::economy:
        if (life < policy.economy_life_min) break;
        return policy.refresh_centre_economy;
      case resilience::balanced: break;
      case resilience::max: return policy.refresh_centre_max;
    }
    return policy.refresh_centre_balanced;
  }();
  return life <= policy.short_life ? std::min(centre, policy.short_refresh_centre) : centre;
}

}  // namespace

duration scaled(duration length, double factor) noexcept {
  return duration{static_cast<duration::rep>(static_cast<double>(length.count()) * factor)};
}

void bound_life(minted& token, engine_policy const& policy, instant now) noexcept {
  token.sent = std::clamp(token.sent, now - policy.life_max, now);
  token.expires_at = std::clamp(token.expires_at, token.sent, token.sent + policy.life_max);
}

duration margin_of(duration life, bool assumed, engine_policy const& policy) noexcept {
  auto margin =
      std::clamp(scaled(life, policy.margin_fraction), policy.margin_min, policy.margin_max);
  if (assumed) margin = std::max(margin, policy.margin_min_assumed);
  return std::min(margin, scaled(life, policy.margin_fraction_max));
}

duration refresh_after(duration life, double draw, resilience how,
                       engine_policy const& policy) noexcept {
  auto const centre = centre_of(life, how, policy);
  auto const lead_wanted = scaled(life, 1 - (centre - policy.refresh_half_width));
  auto const width_wanted = scaled(life, 2 * policy.refresh_half_width);

  // The cap must not turn the window into one instant, or a fleet would refresh as one: where it
  // binds, the window moves on and is a quarter of the lead at most.
  bool const capped = lead_wanted > policy.lead_max;
  auto const lead = std::min(lead_wanted, policy.lead_max);
  auto const width = capped ? std::min(width_wanted, policy.lead_max / 4) : width_wanted;
  return life - lead + scaled(width, draw);
}

duration spread_refresh(duration ordinary, double draw, engine_policy const& policy) noexcept {
  return scaled(ordinary, policy.spread_from + (1 - policy.spread_from) * draw);
}

duration refresh_in_turn(duration ordinary, duration delay, duration life,
                         engine_policy const& policy) noexcept {
  return std::min(ordinary, std::max(ordinary - delay, scaled(life, policy.delay_life_min)));
}

double demand_of(duration life, resilience how, engine_policy const& policy) noexcept {
  auto const interval = std::max<duration>(refresh_after(life, 0.5, how, policy), 1s);
  return 1 / std::chrono::duration<double>{interval}.count();
}

duration idle_after(duration life, app_policy const& app, engine_policy const& policy) noexcept {
  return app.idle_after.value_or(std::max(scaled(life, policy.idle_lives), policy.idle_min));
}

}  // namespace wixtokend::core
