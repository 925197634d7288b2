#include "daemon/forecast.hpp"

#include "core/refresh_policy.hpp"
#include "daemon/config_key.hpp"
#include "daemon/duration_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace wixtokend::daemon {
namespace {

double seconds(duration length) {
  return std::chrono::duration<double>{length}.count();
}

app_forecast forecast_app(app_settings const& app, core::engine_policy const& policy) {
  // The instant is drawn uniformly, so the mean is that of its middle.
  auto const refreshed_after = seconds(core::refresh_after(assumed_life, 0.5, policy));

  app_forecast out;
  out.name = app.name;
  out.ceiling = app.policy.requests_per_second_max;
  // "used" counts like "all": more than everybody cannot be in use.
  if (app.policy.warm != core::keep_warm::none) out.kept_warm = app.instances.size();
  out.mints_per_second = static_cast<double>(out.kept_warm) / refreshed_after;
  out.warm_up =
      core::scaled(std::chrono::seconds{1}, static_cast<double>(out.kept_warm) / out.ceiling);
  out.kept_warm_max = static_cast<std::size_t>(demand_fraction_max * out.ceiling * refreshed_after);
  return out;
}

// Three significant figures, without exponent and without zeros at the end.
std::string figure(double value) {
  auto const magnitude = value > 0 ? static_cast<int>(std::floor(std::log10(value))) : 0;
  std::array<char, 64> digits{};
  auto const written = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                     std::chars_format::fixed, std::clamp(2 - magnitude, 0, 9));
  std::string text{digits.data(), written.ptr};
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// To the second: nobody plans in milliseconds.
std::string rounded(duration length) {
  return format_duration(std::chrono::ceil<std::chrono::seconds>(length));
}

}  // namespace

load_forecast forecast_load(configuration const& settings, core::engine_policy const& policy) {
  load_forecast out;
  for (auto const& app : settings.apps) out.apps.push_back(forecast_app(app, policy));
  auto const usable = assumed_life - core::margin_of(assumed_life, false, policy);
  out.first_cold = usable - core::scaled(assumed_life, policy.refresh_to);
  out.all_cold = usable;
  return out;
}

std::string to_text(load_forecast const& forecast) {
  std::string out = "forecast for tokens that live " + format_duration(assumed_life) + ":\n";
  for (auto const& app : forecast.apps) {
    out += "  app " + app.name + ": " + std::to_string(app.kept_warm) + " instances kept warm, " +
           figure(86'400 * app.mints_per_second) + " mints a day (" + figure(app.mints_per_second) +
           " per second, " + figure(100 * app.load()) + " % of the ceiling of " +
           number_text(app.ceiling) + ")\n    warm " + rounded(app.warm_up) +
           " after a cold start; room for " + std::to_string(app.kept_warm_max) +
           " instances below 80 % of the ceiling\n";
  }
  out += "  outage of the upstream: no warm instance goes cold for " +
         rounded(forecast.first_cold) + ", the last one after " + rounded(forecast.all_cold) + '\n';
  for (auto const& app : forecast.apps) {
    if (!app.overloaded()) continue;
    out += "warning: app " + app.name + " needs " + figure(100 * app.load()) +
           " % of its ceiling, and more than 80 % means that instances may go cold: raise "
           "requests_per_second_max, or keep fewer than " +
           std::to_string(app.kept_warm_max + 1) + " warm\n";
  }
  return out;
}

}  // namespace wixtokend::daemon
