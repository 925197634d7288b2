#include "core/breaker.hpp"

#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace wixtokend;
using namespace wixtokend::core;

namespace {

constexpr double no_jitter = 0.999'999'999;  // a draw that leaves pauses as long as they get

struct breaker_world {
  engine_policy policy;
  breaker subject{policy};
  instant now{1h};

  void fail(std::uint32_t instance, bool probe = false) {
    subject.failed(test::key_of(instance), probe, no_jitter, now);
  }
  void open() {
    for (std::uint32_t i = 0; i < 5; ++i) fail(i);
  }
  // When a probe may go, in seconds from now, as if the pauses had no jitter.
  double pause(bool callers = false) const {
    return std::chrono::duration<double>{subject.probe_at(callers) - now}.count();
  }
};

}  // namespace

TEST_SUITE("core.breaker") {
  TEST_CASE("opens at the fifth transient failure in a row") {
    breaker_world w;
    for (std::uint32_t i = 0; i < 4; ++i) w.fail(i);
    CHECK(w.subject.closed());
    w.fail(4);
    CHECK_FALSE(w.subject.closed());
    CHECK(w.subject.state(false, w.now) == breaker_state::open);
    CHECK(w.pause() == doctest::Approx(5));
  }

  TEST_CASE("any other answer ends the row") {
    breaker_world w;
    for (int round = 0; round < 4; ++round) {
      for (std::uint32_t i = 0; i < 4; ++i) w.fail(i);
      CHECK_FALSE(w.subject.answered(w.now));
      w.now += 11s;
    }
    CHECK(w.subject.closed());
  }

  TEST_CASE("one instance that fails again and again opens nothing") {
    breaker_world w;
    for (int i = 0; i < 1'000; ++i) {
      w.fail(7);
      w.now += 1s;
    }
    CHECK(w.subject.closed());
    w.fail(8);
    CHECK_FALSE(w.subject.closed());
  }

  TEST_CASE("opens when half of twenty fail within ten seconds") {
    breaker_world w;
    for (std::uint32_t i = 0; i < 10; ++i) {
      w.subject.answered(w.now);
      CHECK(w.subject.closed());
      w.fail(i);
      w.now += 900ms;
    }
    CHECK_FALSE(w.subject.closed());
  }

  TEST_CASE("half of too few, or less than half, opens nothing") {
    breaker_world w;
    for (std::uint32_t i = 0; i < 300; ++i) {  // 10 within ten seconds
      (i % 2 == 0) ? w.fail(i) : void(w.subject.answered(w.now));
      w.now += 1s;
    }
    for (std::uint32_t i = 0; i < 300; ++i) {  // a third of 100
      (i % 3 == 0) ? w.fail(i) : void(w.subject.answered(w.now));
      w.now += 100ms;
    }
    CHECK(w.subject.closed());
  }

  TEST_CASE("each failed probe doubles the pause, up to a minute") {
    breaker_world w;
    w.open();
    std::vector<double> pauses;
    for (int i = 0; i < 6; ++i) {
      pauses.push_back(w.pause());
      w.now = w.subject.probe_at(false);
      CHECK(w.subject.state(false, w.now) == breaker_state::half_open);
      w.subject.probe_started(w.now);
      CHECK(w.subject.probe_at(false) == never);
      w.fail(1, true);
    }
    std::vector<double> const expected{5, 10, 20, 40, 60, 60};
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(pauses[i] == doctest::Approx(expected[i]));
    }
  }

  TEST_CASE("failures of requests that were under way before change nothing") {
    breaker_world w;
    w.open();
    auto const before = w.subject.probe_at(false);
    for (std::uint32_t i = 0; i < 59; ++i) w.fail(i);
    CHECK(w.subject.probe_at(false) == before);
  }

  TEST_CASE("while callers wait, probes follow each other by ten seconds at most") {
    breaker_world w;
    w.open();
    for (int i = 0; i < 8; ++i) {
      CHECK(w.pause(true) <= 10);
      w.now = w.subject.probe_at(true);
      w.subject.probe_started(w.now);
      w.fail(1, true);
    }
    CHECK(w.pause(false) > 50);

    // A probe that has hung for its ten seconds is followed by the next at once.
    w.subject.probe_started(w.now);
    w.now += 10s;
    w.fail(1, true);
    CHECK(w.pause(true) <= 0);
  }

  TEST_CASE("the jitter takes up to half of a pause, never adds") {
    engine_policy const policy;
    for (double draw = 0; draw < 1; draw += 0.1) {
      breaker subject{policy};
      instant const now{1h};
      for (std::uint32_t i = 0; i < 5; ++i) subject.failed(test::key_of(i), false, draw, now);
      CHECK(subject.probe_at(false) - now >= 2500ms);
      CHECK(subject.probe_at(false) - now <= 5s);
    }
  }

  TEST_CASE(
      "anything but a transient failure closes it, and the next opening begins at five seconds") {
    breaker_world w;
    w.open();
    w.now += 5s;
    w.subject.probe_started(w.now);
    CHECK(w.subject.answered(w.now));
    CHECK(w.subject.closed());
    CHECK(w.subject.probe_at(true) == instant::min());
    w.fail(1);
    CHECK(w.subject.closed());  // what failed before is forgotten
    w.open();
    CHECK(w.pause() == doctest::Approx(5));
  }

  TEST_CASE("a probe of which nothing became lets the next one go") {
    breaker_world w;
    w.open();
    w.now += 5s;
    w.subject.probe_started(w.now);
    w.subject.probe_abandoned();
    CHECK(w.subject.probe_at(false) <= w.now);
    CHECK_FALSE(w.subject.closed());
  }
}
