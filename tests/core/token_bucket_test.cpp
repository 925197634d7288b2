#include "core/token_bucket.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::core;
using namespace std::chrono_literals;

TEST_SUITE("core.token_bucket") {
  TEST_CASE("a fresh bucket gives its burst at once and then its rate") {
    token_bucket bucket{10, 3};
    instant const start{1h};
    CHECK(bucket.try_take(start));
    CHECK(bucket.try_take(start));
    CHECK(bucket.try_take(start));
    CHECK_FALSE(bucket.try_take(start));
    CHECK(bucket.available_at() == start + 100ms);
    CHECK_FALSE(bucket.try_take(start + 99ms));
    CHECK(bucket.try_take(start + 100ms));
    CHECK_FALSE(bucket.try_take(start + 100ms));
  }

  TEST_CASE("a pause fills it to the burst and no further") {
    token_bucket bucket{1, 2};
    CHECK(bucket.try_take(instant{1h}));
    unsigned taken = 0;
    while (bucket.try_take(instant{3h})) ++taken;
    CHECK(taken == 2);
  }

  TEST_CASE("time that steps back gives nothing away") {
    token_bucket bucket{1, 1};
    CHECK(bucket.try_take(instant{1h}));
    CHECK_FALSE(bucket.try_take(instant{30min}));
    CHECK_FALSE(bucket.try_take(instant{1h} + 500ms));
    CHECK(bucket.try_take(instant{1h} + 1s));
  }

  TEST_CASE("in every window at most rate times window plus burst are taken") {
    constexpr double rate = 50;
    constexpr std::size_t burst = 50;
    random_source random{7};
    token_bucket bucket{rate, burst};
    std::vector<instant> taken;
    instant now{1h};
    for (int i = 0; i < 20'000; ++i) {
      now += duration{static_cast<duration::rep>(random.unit() * 30e6)};
      if (random.unit() < 0.001) now += 5s;
      if (bucket.try_take(now)) taken.push_back(now);
    }
    REQUIRE(taken.size() > 10'000);
    std::size_t worst = 0;
    for (auto const window : {duration{100ms}, duration{1s}, duration{10s}, duration{60s}}) {
      auto const allowed =
          static_cast<std::size_t>(rate * static_cast<double>(window.count()) / 1e9) + burst;
      for (std::size_t first = 0, last = 0; first < taken.size(); ++first) {
        while (last < taken.size() && taken[last] < taken[first] + window) ++last;
        worst = std::max(worst, last - first);
        REQUIRE(last - first <= allowed);
      }
    }
    CHECK(worst > burst);  // the bound is used, not merely kept
  }
}
