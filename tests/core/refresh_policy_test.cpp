#include "core/refresh_policy.hpp"

#include <doctest/doctest.h>

#include <algorithm>

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

  TEST_CASE("a token of four hours is refreshed between 70 and 80 percent of its life") {
    engine_policy const policy;
    CHECK(refresh_after(4h, 0, policy) == 10'080s);
    CHECK(refresh_after(4h, 0.5, policy) == 10'800s);
    CHECK(refresh_after(4h, 0.999'999, policy) > 11'519s);
    CHECK(refresh_after(4h, 0.999'999, policy) < 11'520s);
  }

  TEST_CASE("a short life is refreshed about its half") {
    engine_policy const policy;
    CHECK(refresh_after(120s, 0, policy) == 54s);
    CHECK(refresh_after(20s, 0.5, policy) == 10s);
    CHECK(refresh_after(121s, 0, policy) > 84s);
  }

  TEST_CASE("the lead is at most two hours, and the window stays a window") {
    engine_policy const policy;
    for (auto const life : {duration{8h}, duration{12h}, duration{24h}}) {
      auto const early = refresh_after(life, 0, policy);
      auto const late = refresh_after(life, 0.999, policy);
      CHECK(life - early <= 2h);
      CHECK(late - early > 25min);
    }
  }

  TEST_CASE("whatever the life and the draw, the refresh lies within the usable life") {
    engine_policy const policy;
    for (duration life = 3s; life < 24h; life += life / 7) {
      for (double const draw : {0.0, 0.25, 0.5, 0.75, 0.9999}) {
        auto const at = refresh_after(life, draw, policy);
        CHECK(at > duration{0});
        CHECK(at < life - margin_of(life, false, policy));
      }
    }
  }

  TEST_CASE("an instance is idle after two lives, but not before an hour") {
    engine_policy const policy;
    CHECK(idle_after(4h, policy) == 8h);
    CHECK(idle_after(5min, policy) == 1h);
  }
}
