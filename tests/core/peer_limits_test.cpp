#include "core/peer_limits.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using namespace std::chrono_literals;

TEST_SUITE("core.peer_limits") {
  TEST_CASE("each peer has a rate of its own") {
    peer_limits subject{3};
    instant now{1h};
    for (int i = 0; i < 3; ++i) CHECK(subject.try_take({1, 0}, now));
    CHECK_FALSE(subject.try_take({1, 0}, now));
    CHECK(subject.available_at({1, 0}) > now);
    CHECK(subject.try_take({2, 0}, now));
    CHECK(subject.try_take({1, 1}, now));
    CHECK(subject.try_take({1, 0}, now + 334ms));
  }

  TEST_CASE("peers that are quiet are forgotten, those that are not are not") {
    peer_limits subject{1};
    instant now{1h};
    for (unsigned uid = 0; uid < 100'000; ++uid) {
      subject.try_take({uid, 0}, now);
      now += 10ms;
    }
    CHECK(subject.size() <= 1'025);
    CHECK_FALSE(subject.try_take({99'999, 0}, now));
  }

  TEST_CASE("another rate holds for all") {
    peer_limits subject{1};
    instant const now{1h};
    subject.try_take({1, 0}, now);
    subject.set_rate(10);
    for (int i = 0; i < 10; ++i) CHECK(subject.try_take({1, 0}, now));
    CHECK_FALSE(subject.try_take({1, 0}, now));
  }
}
