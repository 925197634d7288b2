#include "async/clock_steps.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

constexpr auto wall_at_start = std::chrono::seconds{1767225600};

// Both clocks run on from the start, and the wall clock is stepped.
struct world {
  std::chrono::nanoseconds boot = 1000s;
  std::chrono::nanoseconds wall = wall_at_start;
  clock_steps steps;

  explicit world(bool synchronised = true) : steps{{1000s, wall_at_start}, synchronised} {}

  [[nodiscard]] clock_reading reading() const { return {boot, wall}; }
  duration pass(duration length) {
    boot += length;
    wall += length;
    return steps.note(reading());
  }
  duration step(std::chrono::nanoseconds by) {
    wall += by;
    return steps.note(reading());
  }
};

}  // namespace

TEST_SUITE("async.clock_steps") {
  TEST_CASE("time that passes on both clocks counts for nothing") {
    world w;
    CHECK(w.pass(1s) == 0s);
    CHECK(w.pass(24h * 365) == 0s);
    CHECK(w.steps.counted() == 0s);
  }

  TEST_CASE("a forward step of a synchronised clock counts in full, and once") {
    world w;
    w.pass(1min);
    CHECK(w.step(2h) == 2h);
    CHECK(w.step(0s) == 0s);
    CHECK(w.pass(1min) == 0s);
    CHECK(w.steps.counted() == 2h);
    CHECK(w.step(3s) == 3s);
    CHECK(w.steps.counted() == 2h + 3s);
  }

  TEST_CASE("the first synchronisation after a boot mends the clock and counts for nothing") {
    world w{false};
    CHECK(w.step(24h * 365 * 50) == 0s);
    w.steps.set_synchronised(true);
    CHECK(w.pass(1h) == 0s);
    CHECK(w.steps.counted() == 0s);
    CHECK(w.step(1h) == 1h);  // from then on it is right
  }

  TEST_CASE("a clock that lost its synchronisation may step as it likes") {
    world w;
    w.steps.set_synchronised(false);
    CHECK(w.step(1h) == 0s);
    CHECK(w.steps.counted() == 0s);
  }

  TEST_CASE("two seconds count for nothing, more than that in full") {
    world below;
    CHECK(below.step(2s) == 0s);
    world above;
    CHECK(above.step(2s + 1ns) == 2s + 1ns);
  }

  TEST_CASE("small steps add up") {
    world w;
    CHECK(w.step(1900ms) == 0s);
    w.pass(5min);
    CHECK(w.step(1900ms) == 3800ms);
    CHECK(w.step(1900ms) == 0s);
    CHECK(w.steps.counted() == 3800ms);
  }

  TEST_CASE("corrections to and fro never add up") {
    world w;
    for (int i = 0; i < 1000; ++i) {
      CHECK(w.step(1500ms) == 0s);
      CHECK(w.step(-1500ms) == 0s);
    }
    CHECK(w.steps.counted() == 0s);
  }

  TEST_CASE("a leap second counts for nothing") {
    world w;
    CHECK(w.step(-1s) == 0s);  // inserted
    CHECK(w.step(1s) == 0s);   // removed
    CHECK(w.steps.counted() == 0s);
  }

  TEST_CASE("a backward step takes nothing back, and the next forward step counts from there") {
    world w;
    CHECK(w.step(1h) == 1h);
    CHECK(w.step(-30min) == 0s);
    CHECK(w.steps.counted() == 1h);
    CHECK(w.step(10min) == 10min);
    CHECK(w.steps.counted() == 1h + 10min);
  }

  TEST_CASE("an absurd step counts for no more than anything lasts") {
    world w;
    CHECK(w.step(24h * 365 * 150) == clock_steps::step_max);
    CHECK(w.steps.counted() == clock_steps::step_max);
    CHECK(w.pass(1h) == 0s);
  }

  TEST_CASE("a reading is unchanged while nobody stepped the clock, give or take its error") {
    world w;
    w.pass(1h);
    CHECK(w.steps.unchanged(w.reading()));
    w.wall += 9ms;
    CHECK(w.steps.unchanged(w.reading()));
    w.wall -= 18ms;
    CHECK(w.steps.unchanged(w.reading()));
    w.wall -= 2ms;
    CHECK_FALSE(w.steps.unchanged(w.reading()));
    w.wall += 21ms;
    CHECK_FALSE(w.steps.unchanged(w.reading()));
    w.steps.note(w.reading());
    CHECK(w.steps.unchanged(w.reading()));
  }
}
