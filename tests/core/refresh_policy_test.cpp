#include "core/refresh_policy.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace wixtokend;
using namespace wixtokend::core;

TEST_SUITE("core.refresh_policy") {
  TEST_CASE("the margin is one hundredth of life between ten and sixty seconds") {
    engine_policy const policy;
    CHECK(margin_of(4h, false, policy) == 60s);
    CHECK(margin_of(2000s, false, policy) == 20s);
    CHECK(margin_of(300s, false, policy) == 10s);
  }

  TEST_CASE("the margin never exceeds a quarter of life") {
    engine_policy const policy;
    CHECK(margin_of(20s, false, policy) == 5s);
    CHECK(margin_of(3s, false, policy) == 750ms);
    CHECK(margin_of(40s, true, policy) == 10s);
  }

  TEST_CASE("an assumed life has a margin of at least thirty seconds") {
    engine_policy const policy;
    CHECK(margin_of(300s, true, policy) == 30s);
    CHECK(margin_of(4h, true, policy) == 60s);
  }

  TEST_CASE("a token of four hours is refreshed between 72.5 and 77.5 percent of its life") {
    engine_policy const policy;
    CHECK(refresh_after(4h, 0, resilience::balanced, policy) == 10'440s);
    CHECK(refresh_after(4h, 0.5, resilience::balanced, policy) == 10'800s);
    CHECK(refresh_after(4h, 0.999'999, resilience::balanced, policy) > 11'159s);
    CHECK(refresh_after(4h, 0.999'999, resilience::balanced, policy) < 11'160s);
  }

  TEST_CASE("a short life is refreshed about its half") {
    engine_policy const policy;
    CHECK(refresh_after(120s, 0, resilience::balanced, policy) == 57s);
    CHECK(refresh_after(20s, 0.5, resilience::balanced, policy) == 10s);
    CHECK(refresh_after(121s, 0, resilience::balanced, policy) > 87s);
  }

  TEST_CASE("the lead is at most two hours, and the window stays a window") {
    engine_policy const policy;
    for (auto const life : {duration{8h}, duration{12h}, duration{24h}}) {
      auto const early = refresh_after(life, 0, resilience::balanced, policy);
      auto const late = refresh_after(life, 0.999, resilience::balanced, policy);
      CHECK(life - early <= 2h);
      CHECK(late - early > 20min);
    }
  }

  TEST_CASE("resilience moves the window") {
    engine_policy const policy;
    CHECK(refresh_after(4h, 0.5, resilience::economy, policy) == 12'960s);  // 0.90
    CHECK(refresh_after(4h, 0.0, resilience::economy, policy) == 12'600s);
    CHECK(refresh_after(1h, 0.5, resilience::max, policy) == 30min);
    CHECK(refresh_after(4h, 0.0, resilience::max, policy) == 2h);  // the lead's cap moves it
    CHECK(refresh_after(4h, 0.999'999, resilience::max, policy) < 2h + 12min);
    CHECK(refresh_after(60s, 0.5, resilience::economy, policy) ==
          30s);  // short: no later than half
  }

  TEST_CASE("whatever the life, the draws and the delay, the refresh lies within the usable life") {
    engine_policy const policy;
    for (auto const how : {resilience::economy, resilience::balanced, resilience::max}) {
      for (duration life = 3s; life < 24h; life += life / 7) {
        for (double const draw : {0.0, 0.25, 0.5, 0.75, 0.9999}) {
          auto const at = refresh_after(life, draw, how, policy);
          auto const end = life - margin_of(life, false, policy);
          CHECK(at > duration{0});
          CHECK(at < end);
          for (double const other : {0.0, 0.5, 0.9999}) {
            CHECK(spread_refresh(at, other, policy) > duration{0});
            CHECK(spread_refresh(at, other, policy) <= at);
            CHECK(refresh_in_turn(at, scaled(life, other), life, policy) > duration{0});
            CHECK(refresh_in_turn(at, scaled(life, other), life, policy) <= at);
          }
        }
      }
    }
  }

  // Looked at at a random moment, a thing that happens each X lies ahead by a uniform part of X.
  TEST_CASE("the first refreshes of a fleet come at an even rate over a whole life") {
    engine_policy const policy;
    random_source random{1};
    constexpr int fleet = 200'000;
    std::array<int, 16> per_slice{};  // a twentieth of life each
    for (int i = 0; i < fleet; ++i) {
      auto const ordinary = refresh_after(4h, random.unit(), resilience::balanced, policy);
      auto const at = spread_refresh(ordinary, random.unit(), policy);
      ++per_slice.at(static_cast<std::size_t>(at / 12min));
    }
    CHECK(per_slice[0] == 0);  // nobody is refreshed in the first twentieth
    for (std::size_t slice = 1; slice < 14; ++slice) {
      CHECK(per_slice.at(slice) > fleet / 15 * 0.95);
      CHECK(per_slice.at(slice) < fleet / 15 * 1.15);
    }
  }

  TEST_CASE("a late token keeps its turn, down to a twentieth of its life") {
    engine_policy const policy;
    CHECK(refresh_in_turn(3h, 0s, 4h, policy) == 3h);
    CHECK(refresh_in_turn(3h, 40min, 4h, policy) == 2h + 20min);
    CHECK(refresh_in_turn(3h, 3h, 4h, policy) == 12min);
  }

  TEST_CASE("demand is one mint per mean refresh") {
    engine_policy const policy;
    CHECK(demand_of(4h, resilience::balanced, policy) == doctest::Approx(1.0 / 10'800));
    CHECK(demand_of(4h, resilience::economy, policy) == doctest::Approx(1.0 / 12'960));
    CHECK(demand_of(1s, resilience::max, policy) == doctest::Approx(1));  // bounded
  }

  TEST_CASE("an instance is idle after two lives, but not before an hour") {
    engine_policy const policy;
    CHECK(idle_after(4h, {}, policy) == 8h);
    CHECK(idle_after(5min, {}, policy) == 1h);
  }
}
