#include "sim/leaky_bucket.hpp"

#include <doctest/doctest.h>

namespace wixtokend::sim {
namespace {

using namespace std::chrono_literals;

constexpr instant start{1h};

TEST_SUITE("sim.leaky_bucket") {
  TEST_CASE("a burst at once is allowed, and one more is not") {
    leaky_bucket bucket{5, 5};
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(start));
    CHECK(!bucket.take(start));
  }

  TEST_CASE("after a burst the rate is allowed, and no more") {
    leaky_bucket bucket{5, 5};
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(start));
    for (int i = 1; i <= 50; ++i) CHECK(bucket.take(start + i * 200ms));
    CHECK(!bucket.take(start + 50 * 200ms + 100ms));
  }

  TEST_CASE("a lower rate counts from its own beginning, the greater burst until it is empty") {
    leaky_bucket bucket{5, 5};
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(start));
    bucket.configure(1, 1, start);
    CHECK(bucket.take(start + 1s));
    CHECK(bucket.take(start + 1s));  // one for the rounding of bursts
    CHECK(!bucket.take(start + 1s));
    CHECK(bucket.take(start + 1h));
    CHECK(!bucket.take(start + 1h));
  }

  TEST_CASE("a forgiven burst may go once more") {
    leaky_bucket bucket{5, 5};
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(start));
    bucket.forgive();
    for (int i = 0; i < 5; ++i) CHECK(bucket.take(start));
    CHECK(!bucket.take(start));
  }
}

}  // namespace
}  // namespace wixtokend::sim
