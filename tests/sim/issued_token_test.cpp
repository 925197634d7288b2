#include "sim/issued_token.hpp"

#include <doctest/doctest.h>

namespace wixtokend::sim {
namespace {

using namespace std::chrono_literals;

constexpr instant start{1h};

issued_token living(duration life, bool assumed = false) {
  return {7, 3, start, start + life, assumed};
}

TEST_SUITE("sim.issued_token") {
  TEST_CASE("a token is read back as it was issued") {
    auto const token = living(4h);
    auto const read = issued_token::from(token.to_secret());
    REQUIRE(read.has_value());
    CHECK(read->serial == 7);
    CHECK(read->index == 3);
    CHECK(read->expires_at == start + 4h);
    CHECK(!issued_token::from(secret{"something else"}).has_value());
  }

  TEST_CASE("the margin is a hundredth of the life, within its bounds") {
    CHECK(living(4h).usable_until() == start + 4h - 60s);
    CHECK(living(50min).usable_until() == start + 50min - 30s);
    CHECK(living(10min).usable_until() == start + 10min - 10s);
    CHECK(living(20s).usable_until() == start + 15s);
    CHECK(living(300s, true).usable_until() == start + 270s);
    CHECK(living(40s, true).usable_until() == start + 30s);
  }

  TEST_CASE("lives that make no sense are bounded") {
    CHECK(living(0s).usable_until() == start);
    CHECK(living(-5min).usable_until() == start - 5min);
    CHECK(living(24h * 365).usable_until() == start + 24h - 60s);
  }
}

}  // namespace
}  // namespace wixtokend::sim
