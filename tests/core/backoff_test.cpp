#include "core/backoff.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;

TEST_SUITE("core.backoff") {
  TEST_CASE("transient delays double from two seconds to five minutes, half of it jitter") {
    engine_policy const policy;
    CHECK(transient_delay(1, std::nullopt, 0, policy) == 1s);
    CHECK(transient_delay(1, std::nullopt, 1, policy) == 2s);
    CHECK(transient_delay(4, std::nullopt, 1, policy) == 16s);
    CHECK(transient_delay(8, std::nullopt, 1, policy) == 256s);
    CHECK(transient_delay(9, std::nullopt, 1, policy) == 5min);
    CHECK(transient_delay(65'535, std::nullopt, 0, policy) == 150s);
  }

  TEST_CASE("while something is usable, the delay is a quarter of the rest and at least a second") {
    engine_policy const policy;
    CHECK(transient_delay(9, 8min, 1, policy) == 2min);
    CHECK(transient_delay(9, 10s, 1, policy) == 2500ms);
    CHECK(transient_delay(9, 10s, 0, policy) == 1250ms);
    CHECK(transient_delay(9, 1s, 1, policy) == 1s);
    CHECK(transient_delay(9, duration{0}, 0, policy) == 1s);
  }

  TEST_CASE("callers' attempts follow after 0.1, 0.3, 0.9 s and then doubling to ten") {
    CHECK(caller_delay(0) == duration{0});
    CHECK(caller_delay(1) == 100ms);
    CHECK(caller_delay(2) == 300ms);
    CHECK(caller_delay(3) == 900ms);
    CHECK(caller_delay(4) == 1s);
    CHECK(caller_delay(5) == 2s);
    CHECK(caller_delay(7) == 8s);
    CHECK(caller_delay(8) == 10s);
    CHECK(caller_delay(65'535) == 10s);
  }

  TEST_CASE("doubling stops at its maximum and does not overflow") {
    CHECK(doubled(5s, 1, 5min) == 5s);
    CHECK(doubled(5s, 3, 5min) == 20s);
    CHECK(doubled(5s, 4'000'000'000U, 5min) == 5min);
    CHECK(doubled(10min, 1, 5min) == 5min);
  }
}
