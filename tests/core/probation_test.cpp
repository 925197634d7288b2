#include "core/probation.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;

TEST_SUITE("core.probation") {
  TEST_CASE("a uid creates a burst of twenty and then two a second") {
    engine_policy const policy;
    probation subject{policy};
    instant const now{1h};
    for (int i = 0; i < 20; ++i) CHECK_FALSE(subject.admit(1000, now).has_value());
    CHECK(subject.admit(1000, now) == 500ms);
    CHECK_FALSE(subject.admit(1001, now).has_value());  // another uid is not held up by it
    CHECK_FALSE(subject.admit(1000, now + 500ms).has_value());
    CHECK(subject.size() == 22);
  }

  TEST_CASE("a uid holds at most a quarter, and a place that is left can be taken") {
    engine_policy policy;
    policy.probation_max = 8;
    probation subject{policy};
    instant const now{1h};
    CHECK_FALSE(subject.admit(1, now).has_value());
    CHECK_FALSE(subject.admit(1, now).has_value());
    CHECK(subject.admit(1, now).has_value());
    subject.leave(1);
    CHECK_FALSE(subject.admit(1, now).has_value());
  }

  TEST_CASE("all uids together hold no more than the table") {
    engine_policy policy;
    policy.probation_max = 8;
    probation subject{policy};
    for (std::uint32_t uid = 0; uid < 4; ++uid) {
      CHECK_FALSE(subject.admit(uid, instant{1h}).has_value());
      CHECK_FALSE(subject.admit(uid, instant{1h}).has_value());
    }
    CHECK(subject.admit(99, instant{1h}).has_value());
    CHECK(subject.size() == 8);
  }
}
