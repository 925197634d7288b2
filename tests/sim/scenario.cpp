#include "sim/scenario.hpp"

#include "sim/draws.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace wixtokend::sim {
namespace {

double seconds_of(duration length) {
  return std::chrono::duration<double>(length).count();
}

// Short lives cost many mints, so only few instances have them: this many mints per second at most
// for an app, whatever the number of instances.
constexpr double short_lived_demand_max = 0.25;

life_plan draw_life(draws& from, bool may_be_short) {
  auto const kind = from.below(may_be_short ? 10 : 6);
  if (kind < 5) return {4h, 4h, false};
  if (kind == 5) return {24h, 24h, false};
  if (kind == 6) return {300s, 300s, true};
  if (kind == 7) return {20s, 120s, false};
  if (kind == 8) return {10min, 20min, false};
  return {2min, 6h, false};
}

phase draw_phase(draws& from, instant begins) {
  constexpr std::array kinds{weather::slow,      weather::drip,      weather::dead,
                             weather::hanging,   weather::brown_out, weather::brown_out,
                             weather::throttled, weather::throttled, weather::refusing,
                             weather::absurd};
  phase drawn{begins, from.pick(kinds), from.between(0.05, 1.0), {}};
  if (from.chance(0.3)) drawn.share = 1;
  if (drawn.what == weather::throttled && from.chance(0.7)) {
    drawn.retry_after = from.log_between(1s, 1h);
  }
  return drawn;
}

// Fair and foul weather by turns, until the faults end.
std::vector<phase> draw_phases(draws& from, instant begins, instant faults_end) {
  std::vector<phase> phases{{begins, weather::fair, 0, {}}};
  bool const peaceful = from.chance(0.15);
  auto at = begins + from.log_between(1s, 4h);
  while (!peaceful && at < faults_end) {
    phases.push_back(draw_phase(from, at));
    at += from.log_between(1s, 2h);
    phases.push_back({std::min(at, faults_end), weather::fair, 0, {}});
    at += from.log_between(10s, 8h);
  }
  if (phases.back().begins < faults_end) phases.push_back({faults_end, weather::fair, 0, {}});
  return phases;
}

double rounded(double rate) {
  return std::max(0.5, std::round(rate * 100) / 100);
}

// What the operator decided. Mostly the rate is enough for what is to be kept warm.
core::app_policy draw_policy(draws& from, app_plan const& plan) {
  using enum core::keep_warm;
  using enum core::resilience;
  core::app_policy policy;
  policy.on_demand = from.chance(0.85);
  policy.warm = from.pick(std::array{all, all, all, all, used, none});
  policy.resilience = from.pick(std::array{balanced, balanced, economy, max});
  if (from.chance(0.2)) policy.idle_after = from.log_between(10min, 6h);

  auto const demand = plan.demand();
  bool const overloaded = from.chance(0.08);
  auto const room = overloaded ? from.between(0.5, 1.1) : from.log_between(1.6, 12.0);
  policy.requests_per_second_max = rounded(std::max(demand * room, overloaded ? 0.5 : 2.0));
  if (!overloaded && from.chance(0.1)) {
    policy.requests_per_second = rounded(policy.requests_per_second_max * from.between(0.8, 1.0));
  }
  // Enough of them for the rate in fair weather, also when the weather is slow but not when it is
  // as slow as can be.
  auto const flights = static_cast<std::size_t>(std::ceil(demand * 2));
  if (from.chance(0.4)) policy.in_flight_max = std::max<std::size_t>(2 + from.below(8), flights);
  policy.in_flight_max = std::max(policy.in_flight_max, flights);
  return policy;
}

app_plan draw_app(draws& from, std::size_t instances, instant begins, instant faults_end) {
  app_plan plan;
  plan.instances = instances;
  plan.life = draw_life(from, true);
  auto const longest = short_lived_demand_max * seconds_of(plan.life.from) / 2;
  if (plan.life.from < 1h && static_cast<double>(plan.instances) > longest) {
    if (longest < 2)
      plan.life = draw_life(from, false);
    else
      plan.instances = static_cast<std::size_t>(longest);
  }
  plan.strangers = from.chance(0.5) ? 1 + from.below(1 + plan.instances / 4) : 0;
  plan.latency = from.log_between(5ms, 800ms);
  plan.sick_share = from.chance(0.5) ? from.between(0, 0.15) : 0;
  plan.gone_share = from.chance(0.3) ? from.between(0, 0.1) : 0;
  plan.policy = draw_policy(from, plan);
  plan.phases = draw_phases(from, begins, faults_end);
  return plan;
}

// Requests are few for each instance, so that runs with many instances stay affordable.
pace draw_pace(draws& from, std::size_t instances, duration length) {
  auto const per_run = [&](double count) {
    return duration{static_cast<duration::rep>(static_cast<double>(length.count()) / count)};
  };
  auto const sometimes = [&](double probability, double most) {
    return from.chance(probability) ? per_run(from.log_between(0.5, most)) : duration{};
  };
  auto const many = std::clamp(static_cast<double>(instances), 100.0, 300'000.0);
  pace drawn;
  drawn.request = per_run(many * from.log_between(3, 30));
  drawn.burst = sometimes(0.6, 20);
  drawn.administrator = sometimes(0.7, std::min(many, 200.0));
  drawn.mass_rejection = sometimes(0.4, 8);
  drawn.suspend = sometimes(0.35, 4);
  drawn.wall_step = sometimes(0.4, 8);
  drawn.restart = sometimes(0.35, 4);
  drawn.configuration = sometimes(0.4, 6);
  drawn.token_info = sometimes(0.3, 300);
  return drawn;
}

}  // namespace

char const* to_string(weather what) noexcept {
  switch (what) {
    case weather::fair: return "fair";
    case weather::slow: return "slow";
    case weather::drip: return "drip";
    case weather::dead: return "dead";
    case weather::hanging: return "hanging";
    case weather::brown_out: return "brown_out";
    case weather::throttled: return "throttled";
    case weather::refusing: return "refusing";
    case weather::absurd: return "absurd";
  }
  return "?";
}

double app_plan::demand(core::app_policy const& by, std::size_t count) const noexcept {
  auto centre = 0.75;
  if (by.resilience == core::resilience::economy && life.from >= 1h) centre = 0.9;
  if (by.resilience == core::resilience::max) centre = 0.5;
  if (life.from <= 120s) centre = 0.5;
  // A lead of two hours at the most.
  auto const length = std::max(seconds_of(life.from) * centre, seconds_of(life.from) - 7200);
  return static_cast<double>(count) / length;
}

phase const& app_plan::at(instant now) const noexcept {
  auto const after = std::upper_bound(phases.begin(), phases.end(), now,
                                      [](instant at, phase const& one) { return at < one.begins; });
  return after == phases.begin() ? phases.front() : *(after - 1);
}

std::string scenario::describe() const {
  std::string text = "seed " + std::to_string(seed) + ", " + std::to_string(days) + " days\n";
  for (auto const& app : apps) {
    text += "  app: " + std::to_string(app.instances) + " instances, " +
            std::to_string(app.strangers) + " strangers, life " +
            std::to_string(seconds_of(app.life.from)) + " s, ceiling " +
            std::to_string(app.policy.requests_per_second_max) + "/s, demand " +
            std::to_string(app.demand()) + "/s, in flight " +
            std::to_string(app.policy.in_flight_max) + "\n";
    for (auto const& one : app.phases) {
      text += "    " + std::to_string(seconds_of(one.begins - begins)) +
              " s: " + to_string(one.what) + ", share " + std::to_string(one.share) +
              ", retry after " + std::to_string(seconds_of(one.retry_after)) + " s\n";
    }
  }
  return text;
}

scenario draw_scenario(std::uint64_t seed, std::size_t instances, double days, instant begins) {
  draws from{seed, 1};
  scenario drawn;
  drawn.seed = seed;
  drawn.instances = instances;
  drawn.days = days;
  drawn.begins = begins;
  auto const length = duration{static_cast<duration::rep>(days * 86'400e9)};
  drawn.faults_end = begins + length;

  auto const apps = 1 + from.below(instances < 3 ? 1 : 3);
  auto left = instances;
  for (std::size_t app = 0; app < apps; ++app) {
    auto const share = app + 1 == apps ? left : std::max<std::size_t>(1, left / 2);
    drawn.apps.push_back(draw_app(from, share, begins, drawn.faults_end));
    left -= std::min(left, share);
    if (left == 0) break;
  }
  drawn.pace = draw_pace(from, instances, length);
  drawn.reject_share = from.chance(0.5) ? from.log_between(0.001, 0.1) : 0;
  drawn.vanish_share = from.between(0, 0.5);
  drawn.restore_share = from.pick(std::array{0.0, 0.5, 1.0});
  if (from.chance(0.15)) {  // so small that on-demand instances have to go
    std::size_t all = 0;
    for (auto const& app : drawn.apps) all += app.instances;
    drawn.policy.instances_max = all + 1 + from.below(4);
  }
  return drawn;
}

}  // namespace wixtokend::sim
