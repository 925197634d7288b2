#include "core/app_refusal.hpp"

#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using test::failed;
using test::key_of;

namespace {

struct refusal_world {
  engine_policy policy;
  app_refusal subject{policy};
  instant now{1h};
  failure why = failed(failure_class::instance_blocked, "invalid_grant");

  bool block(unsigned n, bool probe = false) {
    return subject.blocked(key_of(n), why, true, probe, now);
  }
};

}  // namespace

TEST_SUITE("core.app_refusal") {
  TEST_CASE("a refused app is probed after a minute, doubled up to ten") {
    refusal_world w;
    auto const why = failed(failure_class::app_refused, "invalid_client");
    w.subject.refused(why, false, w.now);
    CHECK(w.subject.active());
    CHECK(w.subject.why().code == "invalid_client");
    for (auto const pause : {1min, 2min, 4min, 8min, 10min, 10min}) {
      CHECK(w.subject.probe_at() == w.now + pause);
      w.now = w.subject.probe_at();
      w.subject.probe_started(w.now);
      CHECK(w.subject.probe_at() > w.now);
      w.subject.refused(why, true, w.now);
    }
  }

  TEST_CASE("answers that were under way together are one refusal") {
    refusal_world w;
    auto const why = failed(failure_class::app_refused);
    for (int i = 0; i < 60; ++i) w.subject.refused(why, false, w.now);
    CHECK(w.subject.probe_at() == w.now + 1min);
  }

  TEST_CASE("five different instances newly blocked with no success between make a suspicion") {
    refusal_world w;
    for (unsigned n = 1; n <= 4; ++n) CHECK_FALSE(w.block(n));
    CHECK_FALSE(w.block(4));  // the same one again
    CHECK_FALSE(w.subject.active());
    CHECK(w.block(5));
    CHECK(w.subject.active());
    CHECK(w.subject.suspected());
    CHECK(w.subject.why().code == "invalid_grant");
    CHECK(w.subject.probe_at() == w.now + 1min);
  }

  TEST_CASE("a success between them begins the row anew") {
    refusal_world w;
    for (unsigned n = 1; n <= 40; ++n) {
      CHECK_FALSE(w.block(n));
      if (n % 4 == 0) CHECK(w.subject.succeeded().empty());
    }
    CHECK_FALSE(w.subject.active());
  }

  TEST_CASE(
      "a probe that is blocked as well keeps the suspicion, a success names who was wronged") {
    refusal_world w;
    for (unsigned n = 1; n <= 5; ++n) w.block(n);
    w.now = w.subject.probe_at();
    w.subject.probe_started(w.now);
    CHECK_FALSE(w.block(6, true));
    CHECK(w.subject.probe_at() == w.now + 2min);

    auto const wronged = w.subject.succeeded();
    CHECK(wronged.size() == 6);
    CHECK_FALSE(w.subject.active());
    CHECK_FALSE(w.subject.suspected());
    CHECK(w.subject.probe_at() <= w.now);
  }

  TEST_CASE("what the upstream says itself outranks a suspicion") {
    refusal_world w;
    for (unsigned n = 1; n <= 5; ++n) w.block(n);
    w.subject.refused(failed(failure_class::app_refused, "invalid_client"), false, w.now);
    CHECK_FALSE(w.subject.suspected());
    CHECK(w.subject.why().code == "invalid_client");
    CHECK_FALSE(w.block(9));
    CHECK(w.subject.why().code == "invalid_client");
  }

  TEST_CASE("somebody's word probes at once, but not again and again, nor against Retry-After") {
    refusal_world w;
    w.subject.refused(failed(failure_class::app_refused), false, w.now);
    w.subject.probe_now(w.now);
    CHECK(w.subject.probe_at() == w.now);
    w.subject.probe_started(w.now);
    w.subject.probe_now(w.now + 9s);
    CHECK(w.subject.probe_at() > w.now + 9s);
    w.subject.probe_now(w.now + 10s);
    CHECK(w.subject.probe_at() == w.now + 10s);

    w.subject.refused(failed(failure_class::app_refused, "x", 5min), true, w.now);
    w.subject.probe_now(w.now + 60s);
    CHECK(w.subject.probe_at() == w.now + 5min);
  }
}
