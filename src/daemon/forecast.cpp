#include "daemon/forecast.hpp"

#include "base/text.hpp"
#include "core/refresh_policy.hpp"
#include "daemon/config_key.hpp"
#include "daemon/duration_text.hpp"

#include <algorithm>

namespace wixtokend::daemon {
namespace {

// What the engine does for instances that nobody waits for.
double background_rate_of(core::app_policy const& app, double demand,
                          core::engine_policy const& policy) {
  auto const wanted = app.requests_per_second.value_or(
      std::max(policy.background_demand_factor * demand, policy.background_rate_min));
  return std::min(wanted, app.requests_per_second_max);
}

app_forecast forecast_app(app_settings const& app, core::engine_policy const& policy) {
  auto const how = app.policy.resilience;
  auto const demand_of_one = core::demand_of(assumed_life, how, policy);

  app_forecast out;
  out.name = app.name;
  out.ceiling = app.policy.requests_per_second_max;
  // "used" counts like "all": more than everybody cannot be in use.
  if (app.policy.warm != core::keep_warm::none) out.kept_warm = app.instances.size();
  auto const kept_warm = static_cast<double>(out.kept_warm);
  out.mints_per_second = kept_warm * demand_of_one;
  out.background_rate = background_rate_of(app.policy, out.mints_per_second, policy);
  out.warm_up = core::scaled(std::chrono::seconds{1}, kept_warm / out.background_rate);
  out.kept_warm_max = static_cast<std::size_t>(demand_fraction_max * out.ceiling / demand_of_one);

  out.all_cold = assumed_life - core::margin_of(assumed_life, false, policy);
  out.first_cold = out.all_cold - core::refresh_after(assumed_life, 1.0, how, policy);
  return out;
}

// To the second: nobody plans in milliseconds.
std::string rounded(duration length) {
  return format_duration(std::chrono::ceil<std::chrono::seconds>(length));
}

std::string warning_text(app_forecast const& app) {
  if (app.overloaded()) {
    return "warning: app " + app.name + " needs " + figure(100 * app.load()) +
           " % of its ceiling, and more than 80 % means that instances may go cold: raise "
           "requests_per_second_max, or keep fewer than " +
           std::to_string(app.kept_warm_max + 1) + " warm\n";
  }
  if (app.held_back()) {
    return "warning: app " + app.name + " needs " + figure(app.mints_per_second) +
           " mints per second, and requests_per_second = " + number_text(app.background_rate) +
           " leaves too little for that: instances may go cold; raise it, or leave it out\n";
  }
  return {};
}

}  // namespace

load_forecast forecast_load(configuration const& settings, core::engine_policy const& policy) {
  load_forecast out;
  for (auto const& app : settings.apps) out.apps.push_back(forecast_app(app, policy));
  return out;
}

std::string to_text(load_forecast const& forecast) {
  std::string out = "forecast for tokens that live " + format_duration(assumed_life) + ":\n";
  for (auto const& app : forecast.apps) {
    out += "  app " + app.name + ": " + std::to_string(app.kept_warm) + " instances kept warm, " +
           figure(86'400 * app.mints_per_second) + " mints a day (" + figure(app.mints_per_second) +
           " per second, " + figure(100 * app.load()) + " % of the ceiling of " +
           number_text(app.ceiling) + ")\n    warm " + rounded(app.warm_up) +
           " after a cold start, at " + figure(app.background_rate) +
           " requests per second; callers who wait come first\n    room for " +
           std::to_string(app.kept_warm_max) + " instances below 80 % of the ceiling\n" +
           "    outage of the upstream: no warm instance goes cold for " + rounded(app.first_cold) +
           ", the last one after " + rounded(app.all_cold) + '\n';
  }
  for (auto const& app : forecast.apps) out += warning_text(app);
  return out;
}

}  // namespace wixtokend::daemon
