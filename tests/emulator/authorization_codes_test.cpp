#include "emulator/authorization_codes.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;

namespace {

wall_time const start{1'000'000s};

}  // namespace

TEST_SUITE("emulator.authorization_codes") {
  TEST_CASE("a code can be redeemed once") {
    authorization_codes codes;
    REQUIRE(codes.issue(1, start).has_value());
    CHECK(codes.redeem(1, start + 1s));
    CHECK_FALSE(codes.redeem(1, start + 1s));
  }

  TEST_CASE("a code lives for ten minutes") {
    authorization_codes codes;
    REQUIRE(codes.issue(1, start).has_value());
    REQUIRE(codes.issue(2, start).has_value());
    CHECK(codes.redeem(1, start + 10min - 1ms));
    CHECK_FALSE(codes.redeem(2, start + 10min));
    CHECK_FALSE(codes.redeem(2, start));  // a dead code does not come back
  }

  TEST_CASE("a code that was never issued, or forgotten, cannot be redeemed") {
    authorization_codes codes;
    CHECK_FALSE(codes.redeem(7, start));
    REQUIRE(codes.issue(7, start).has_value());
    codes.clear();
    CHECK_FALSE(codes.redeem(7, start));
  }

  TEST_CASE("too many waiting codes are refused until some have expired") {
    authorization_codes codes;
    for (std::uint64_t i = 0; i < authorization_codes::waiting_max; ++i) {
      REQUIRE(codes.issue(i, start).has_value());
    }
    CHECK(codes.issue(1'000'000, start + 1min).error() == errc::too_many_requests);
    CHECK(codes.issue(1'000'001, start + 10min).has_value());
    CHECK(codes.redeem(1'000'001, start + 11min));
  }
}
