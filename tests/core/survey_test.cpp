#include "core/survey.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>

using namespace wixtokend;
using core::lives;
using namespace std::chrono_literals;

TEST_SUITE("core.survey") {
  TEST_CASE("without a life there is no quantile") {
    lives const none;
    CHECK(none.count() == 0);
    CHECK_FALSE(none.quantile(0.5).has_value());
    CHECK(none.up_to(24h) == 0);
  }

  TEST_CASE("a quantile is never too long, and at most 5 % too short") {
    for (auto const length : {1s, 2s, 59s, 60s, 3600s, 14399s, 86400s}) {
      lives one;
      one.add(length);
      auto const found = one.quantile(0.5).value();
      CAPTURE(length.count());
      CHECK(found <= length);
      CHECK(found >= length * 95 / 100);
    }
  }

  TEST_CASE("what is about to end has no time left, and what lasts for weeks has some days") {
    lives some;
    some.add(999ms);
    some.add({});
    CHECK(some.quantile(1) == duration{});
    lives long_ones;
    long_ones.add(24h * 365);
    CHECK(long_ones.quantile(1).value() > 24h * 11);
  }

  TEST_CASE("a quantile is the time after which that share has ended") {
    lives hundred;
    for (int minute = 1; minute <= 100; ++minute) hundred.add(minute * 1min);
    auto const near = [&](double share, duration expected) {
      auto const found = hundred.quantile(share).value();
      return found <= expected && found >= expected * 95 / 100;
    };
    CHECK(near(0.001, 1min));
    CHECK(near(0.01, 1min));
    CHECK(near(0.05, 5min));
    CHECK(near(0.051, 6min));
    CHECK(near(0.5, 50min));
    CHECK(near(1, 100min));
    CHECK(hundred.sum_seconds() == doctest::Approx(5050 * 60));
  }

  TEST_CASE("counts up to a length rise with it, and are right to within a bin") {
    lives hundred;
    for (int minute = 1; minute <= 100; ++minute) hundred.add(minute * 1min);
    std::size_t before = 0;
    for (auto length = 0min; length <= 120min; ++length) {
      auto const count = hundred.up_to(length);
      CHECK(count >= before);
      auto const exact = std::min<std::int64_t>(length.count(), 100);
      CHECK(static_cast<std::int64_t>(count) <= exact);
      CHECK(static_cast<double>(count) >= static_cast<double>(exact) * 0.95 - 1);
      before = count;
    }
    CHECK(before == 100);
  }
}
