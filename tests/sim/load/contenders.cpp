#include "sim/load/contenders.hpp"

#include "sim/load/engine_refresher.hpp"
#include "sim/load/peer_refresher.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace wixtokend::sim::load {
namespace {

constexpr char const* five_minutes = "5 min before";
constexpr char const* half_life = "half-life re-rolled";
constexpr char const* eighty_percent = "80 % - 0..10 s";
constexpr char const* earliest_first = "plain EDF";

std::unique_ptr<refresher> make_engine(core::resilience how, conditions const& given) {
  core::app_policy app;
  app.resilience = how;
  app.requests_per_second_max = given.allowed.per_second;
  app.requests_per_second = given.background_per_second;
  app.in_flight_max = given.allowed.in_flight_max;
  auto policy = given.policy;
  policy.instances_max = std::max(policy.instances_max, given.instances);
  return std::make_unique<engine_refresher>(policy, app, given.instances, given.seed);
}

}  // namespace

std::vector<std::string> const& contender_names() {
  static std::vector<std::string> const names{
      ours, ours_economy, ours_max, five_minutes, half_life, eighty_percent, earliest_first};
  return names;
}

std::unique_ptr<refresher> make_contender(std::string_view name, conditions const& given) {
  using core::resilience;
  static constexpr std::array<std::pair<std::string_view, resilience>, 3> engines{
      {{ours, resilience::balanced},
       {ours_economy, resilience::economy},
       {ours_max, resilience::max}}};
  for (auto const& [known, how] : engines) {
    if (known == name) return make_engine(how, given);
  }
  static constexpr std::array<std::pair<std::string_view, peer_rule>, 4> peers{
      {{five_minutes, peer_rule::five_minutes},
       {half_life, peer_rule::half_life},
       {eighty_percent, peer_rule::eighty_percent},
       {earliest_first, peer_rule::earliest_first}}};
  for (auto const& [known, rule] : peers) {
    if (known == name) {
      return std::make_unique<peer_refresher>(rule, given.allowed, given.policy, given.instances,
                                              given.seed);
    }
  }
  throw std::invalid_argument{"there is no contender '" + std::string{name} + "'"};
}

void set_constant(core::engine_policy& policy, std::string_view name, double value) {
  using core::engine_policy;
  static constexpr std::array<std::pair<std::string_view, double engine_policy::*>, 10> constants{
      {{"refresh_centre_economy", &engine_policy::refresh_centre_economy},
       {"refresh_centre_balanced", &engine_policy::refresh_centre_balanced},
       {"refresh_centre_max", &engine_policy::refresh_centre_max},
       {"refresh_half_width", &engine_policy::refresh_half_width},
       {"spread_from", &engine_policy::spread_from},
       {"delay_life_min", &engine_policy::delay_life_min},
       {"background_demand_factor", &engine_policy::background_demand_factor},
       {"critical_life_fraction", &engine_policy::critical_life_fraction},
       {"ramp_from", &engine_policy::ramp_from},
       {"backoff_remaining_fraction", &engine_policy::backoff_remaining_fraction}}};
  auto const known = std::ranges::find(constants, name, [](auto const& one) { return one.first; });
  if (name == "contention_share") {
    policy.contention_share = static_cast<unsigned>(value);
    return;
  }
  if (known == constants.end()) {
    throw std::invalid_argument{"there is no constant '" + std::string{name} + "'"};
  }
  policy.*known->second = value;
}

}  // namespace wixtokend::sim::load
