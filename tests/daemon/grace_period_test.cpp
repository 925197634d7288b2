#include "daemon/grace_period.hpp"

#include <doctest/doctest.h>

#include <chrono>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using namespace std::chrono_literals;

constexpr instant start{1h};

}  // namespace

TEST_SUITE("daemon.grace_period") {
  TEST_CASE("without a length it is over at once, whoever is connected") {
    grace_period grace{start, 0s};
    CHECK(grace.over(start, {5}));
  }

  TEST_CASE("with somebody connected it lasts its whole length") {
    grace_period grace{start, 20s};
    CHECK(!grace.over(start, {1}));
    CHECK(!grace.over(start + 19'999ms, {1}));
    CHECK(grace.over(start + 20s, {1}));
  }

  TEST_CASE("it ends when nobody has been connected for a second") {
    grace_period grace{start, 20s};
    CHECK(!grace.over(start, {1}));
    CHECK(!grace.over(start + 5s, {0}));
    CHECK(!grace.over(start + 5'999ms, {0}));
    CHECK(grace.over(start + 6s, {0}));
  }

  TEST_CASE("who comes back within the second starts it afresh") {
    grace_period grace{start, 20s};
    CHECK(!grace.over(start, {0}));
    CHECK(!grace.over(start + 900ms, {1}));
    CHECK(!grace.over(start + 1'500ms, {0}));
    CHECK(!grace.over(start + 2'400ms, {0}));
    CHECK(grace.over(start + 2'500ms, {0}));
  }

  TEST_CASE("connections that begin and end between two looks count") {
    grace_period grace{start, 20s};
    CHECK(!grace.over(start, {0, 7}));
    CHECK(!grace.over(start + 900ms, {0, 8}));
    CHECK(!grace.over(start + 1'000ms, {0, 8}));
    CHECK(!grace.over(start + 1'999ms, {0, 8}));
    CHECK(grace.over(start + 2'000ms, {0, 8}));
  }

  TEST_CASE("the longest length does not overflow") {
    grace_period grace{start, duration::max()};
    CHECK(!grace.over(start + 24h, {1}));
  }
}
