#include "base/time.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace std::chrono_literals;

TEST_SUITE("base.time") {
  TEST_CASE("adding goes up to never and stays there") {
    instant const now{5s};
    CHECK(saturating_add(now, 3s) == instant{8s});
    CHECK(saturating_add(now, 0s) == now);
    CHECK(saturating_add(never, 1ns) == never);
    CHECK(saturating_add(never, 0ns) == never);
    CHECK(saturating_add(never - 1s, 1s) == never);
    CHECK(saturating_add(never - 1s, 2s) == never);
    CHECK(saturating_add(now, duration::max()) == never);
  }
}
