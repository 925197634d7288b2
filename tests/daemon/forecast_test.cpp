#include "daemon/forecast.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using namespace std::chrono_literals;

configuration with_instances(std::size_t count) {
  configuration settings;
  app_settings app;
  app.instances.resize(count);
  settings.apps.push_back(std::move(app));
  return settings;
}

app_forecast forecast_of(configuration const& settings) {
  return forecast_load(settings, core::engine_policy{}).apps.front();
}

}  // namespace

TEST_SUITE("daemon.forecast") {
  TEST_CASE("demand is one mint per instance and three quarters of a life") {
    CHECK(forecast_of(with_instances(10'800)).mints_per_second == doctest::Approx(1.0));
    CHECK(forecast_of(with_instances(1)).mints_per_second == doctest::Approx(1.0 / 10'800));
    CHECK(forecast_of(with_instances(0)).mints_per_second == 0);
  }

  TEST_CASE("the earlier tokens are refreshed, the more demand there is") {
    auto settings = with_instances(1'080'000);
    settings.apps.front().policy.resilience = core::resilience::economy;
    CHECK(forecast_of(settings).mints_per_second == doctest::Approx(1'080'000 / (0.9 * 14'400)));
    settings.apps.front().policy.resilience = core::resilience::max;
    // The middle of a window that begins two hours before the end, and is a tenth of the life wide.
    CHECK(forecast_of(settings).mints_per_second == doctest::Approx(1'080'000 / (7'200 + 360.0)));
  }

  TEST_CASE("warming up takes the number of instances by the rate in the background") {
    CHECK(forecast_of(with_instances(10'000)).warm_up == 2000s);  // at 5 per second, the least
    CHECK(forecast_of(with_instances(1)).warm_up == 200ms);
    CHECK(forecast_of(with_instances(0)).warm_up == 0s);
    auto const large = forecast_of(with_instances(108'000));
    CHECK(large.background_rate == doctest::Approx(20));  // twice the demand
    CHECK(std::chrono::round<std::chrono::seconds>(large.warm_up) == 5400s);
    CHECK(forecast_of(with_instances(10'000'000)).background_rate == 50);  // never over the ceiling
  }

  TEST_CASE("a configured rate in the background is taken, up to the ceiling") {
    auto settings = with_instances(10'000);
    settings.apps.front().policy.requests_per_second = 2;
    CHECK(forecast_of(settings).background_rate == 2);
    CHECK(forecast_of(settings).warm_up == 5000s);
    settings.apps.front().policy.requests_per_second_max = 1;
    CHECK(forecast_of(settings).background_rate == 1);
  }

  TEST_CASE("a rate in the background that is too low for keeping warm is told from overload") {
    auto settings = with_instances(8'640);
    auto& policy = settings.apps.front().policy;
    CHECK(!forecast_of(settings).held_back());
    policy.requests_per_second = 1;
    CHECK(!forecast_of(settings).held_back());
    policy.requests_per_second = 0.99;
    CHECK(forecast_of(settings).held_back());
    CHECK(!forecast_of(settings).overloaded());
    CHECK_MESSAGE(to_text(forecast_load(settings, core::engine_policy{}))
                          .find("\nwarning: app main needs 0.8 mints per second, and "
                                "requests_per_second = 0.99 leaves too little for that: instances "
                                "may go cold; raise it, or leave it out\n") != std::string::npos,
                  to_text(forecast_load(settings, core::engine_policy{})));
    policy.requests_per_second_max = 0.99;
    CHECK(forecast_of(settings).overloaded());
    CHECK(!forecast_of(settings).held_back());
  }

  TEST_CASE("four fifths of the ceiling is the most that is sound") {
    CHECK(forecast_of(with_instances(0)).kept_warm_max == 432'000);
    CHECK(!forecast_of(with_instances(432'000)).overloaded());
    CHECK(forecast_of(with_instances(432'001)).overloaded());
    CHECK(forecast_of(with_instances(432'000)).load() == doctest::Approx(0.8));
  }

  TEST_CASE("the ceiling is the app's own") {
    auto settings = with_instances(10'800);
    settings.apps.front().policy.requests_per_second_max = 1;
    auto const forecast = forecast_of(settings);
    CHECK(forecast.load() == doctest::Approx(1.0));
    CHECK(forecast.overloaded());
    CHECK(forecast.warm_up == 3h);
    CHECK(forecast.kept_warm_max == 8'640);
  }

  TEST_CASE("instances that are not kept warm ask for nothing") {
    auto settings = with_instances(500'000);
    settings.apps.front().policy.warm = core::keep_warm::none;
    CHECK(forecast_of(settings).kept_warm == 0);
    CHECK(!forecast_of(settings).overloaded());
    settings.apps.front().policy.warm = core::keep_warm::used;
    CHECK(forecast_of(settings).kept_warm == 500'000);
  }

  TEST_CASE("an outage is survived from the latest refresh to the end of the usable life") {
    auto settings = with_instances(1);
    CHECK(forecast_of(settings).first_cold == 53min);  // 4 h less 77.5 % less a margin of 60 s
    CHECK(forecast_of(settings).all_cold == 4h - 1min);
    settings.apps.front().policy.resilience = core::resilience::economy;
    CHECK(forecast_of(settings).first_cold == 17min);  // less 92.5 %
    settings.apps.front().policy.resilience = core::resilience::max;
    CHECK(forecast_of(settings).first_cold == 107min);  // less 2 h 12 min
    CHECK(forecast_of(settings).all_cold == 4h - 1min);
  }

  TEST_CASE("the text names every figure, app by app") {
    auto settings = with_instances(10'800);
    app_settings second;
    second.name = "blog";
    second.policy.resilience = core::resilience::economy;
    settings.apps.push_back(std::move(second));
    CHECK(to_text(forecast_load(settings, core::engine_policy{})) ==
          "forecast for tokens that live 4h:\n"
          "  app main: 10800 instances kept warm, 86400 mints a day (1 per second, 2 % of the "
          "ceiling of 50)\n"
          "    warm 36m after a cold start, at 5 requests per second; callers who wait come first\n"
          "    room for 432000 instances below 80 % of the ceiling\n"
          "    outage of the upstream: no warm instance goes cold for 53m, the last one after "
          "3h59m\n"
          "  app blog: 0 instances kept warm, 0 mints a day (0 per second, 0 % of the "
          "ceiling of 50)\n"
          "    warm 0s after a cold start, at 5 requests per second; callers who wait come first\n"
          "    room for 518400 instances below 80 % of the ceiling\n"
          "    outage of the upstream: no warm instance goes cold for 17m, the last one after "
          "3h59m\n");
  }

  TEST_CASE("the text warns of too much, with a way out") {
    auto settings = with_instances(10'800);
    settings.apps.front().policy.requests_per_second_max = 1;
    auto const text = to_text(forecast_load(settings, core::engine_policy{}));
    CHECK_MESSAGE(text.find("\nwarning: app main needs 100 % of its ceiling, and more than 80 % "
                            "means that instances may go cold: raise requests_per_second_max, or "
                            "keep fewer than 8641 warm\n") != std::string::npos,
                  text);
  }
}
