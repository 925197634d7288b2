#include "store/run_clocks.hpp"

#include <doctest/doctest.h>

namespace wixtokend::store {
namespace {

using namespace std::chrono_literals;

time_stamp stamp(std::chrono::seconds now, std::chrono::seconds boot, std::chrono::seconds wall,
                 bool synchronised = true) {
  time_stamp made;
  made.now = instant{now};
  made.boot = boot;
  made.wall = wall_time{wall};
  made.synchronised = synchronised;
  return made;
}

instant_mapping mapping(time_stamp const& last, time_stamp const& now, std::string const& boot_id) {
  run_stamp run;
  run.boot_id = "one";
  run.last = last;
  return run_clocks{{{1, run}}, now, boot_id}.of(1);
}

TEST_SUITE("store.run_clocks") {
  TEST_CASE("on the same boot") {
    auto const to = mapping(stamp(100s, 50s, 1000s), stamp(7s, 80s, 1031s), "one");
    CHECK(to.keeps_tokens());
    CHECK(to(instant{100s}) == instant{7s} - 30s);
    CHECK(to(instant{140s}) == instant{17s});
    CHECK(to(never) == never);
    CHECK(to(instant::min()) == instant::min());
  }

  TEST_CASE("a calendar that shows more counts only from two seconds on, and if it is right") {
    auto const last = stamp(100s, 50s, 1000s);
    CHECK(mapping(last, stamp(7s, 80s, 1032s), "one")(instant{100s}) == instant{7s} - 30s);
    CHECK(mapping(last, stamp(7s, 80s, 1033s), "one")(instant{100s}) == instant{7s} - 33s);
    CHECK(mapping(last, stamp(7s, 80s, 1033s, false), "one")(instant{100s}) == instant{7s} - 30s);
    auto const unsure = stamp(100s, 50s, 1000s, false);
    CHECK(mapping(unsure, stamp(7s, 80s, 1033s), "one")(instant{100s}) == instant{7s} - 30s);
  }

  TEST_CASE("on another boot, or where the boot is not known") {
    for (auto const* const boot_id : {"two", ""}) {
      auto const to = mapping(stamp(100s, 50s, 1000s), stamp(7s, 1s, 1060s), boot_id);
      CHECK(to.keeps_tokens());
      CHECK(to(instant{100s}) == instant{7s} - 60s);
      auto const back = mapping(stamp(100s, 50s, 1000s), stamp(7s, 1s, 999s), boot_id);
      CHECK_FALSE(back.keeps_tokens());
      CHECK(back(instant{130s}) == instant{37s});
    }
  }

  TEST_CASE("a boot clock that went back within one boot keeps no token") {
    CHECK_FALSE(mapping(stamp(1s, 50s, 1000s), stamp(7s, 49s, 1060s), "one").keeps_tokens());
  }

  TEST_CASE("another run's later stamp shows that the calendar is behind") {
    run_stamp older;
    older.boot_id = "one";
    older.last = stamp(1s, 1s, 1000s);
    auto later = older;
    later.last.wall = wall_time{2000s};
    run_clocks const clocks{{{1, older}, {2, later}}, stamp(1s, 1s, 1500s), "two"};
    CHECK_FALSE(clocks.of(1).keeps_tokens());
    CHECK_FALSE(clocks.of(2).keeps_tokens());
  }

  TEST_CASE("of a run that nobody knows nothing is waited for") {
    run_clocks const clocks{{}, stamp(7s, 1s, 1s), "one"};
    CHECK_FALSE(clocks.of(3).keeps_tokens());
    CHECK(clocks.of(3)(instant{500s}) == instant{7s});
    CHECK(clocks.of(3)(never) == never);
  }

  TEST_CASE("absurd stamps end at the ends of time, not beyond") {
    auto last = stamp(0s, 0s, 0s);
    last.now = instant::min() + 1ns;
    last.wall = wall_time::min();
    auto now = stamp(0s, 0s, 0s);
    now.wall = wall_time::max();
    auto const to = mapping(last, now, "two");
    CHECK(to(never - 1ns) <= never);
    CHECK(to(instant::min() + 1ns) == instant{} - run_clocks::elapsed_max);
    last.boot = std::chrono::nanoseconds::min();
    now.boot = std::chrono::nanoseconds::max();
    CHECK(mapping(last, now, "one")(last.now) == instant{} - run_clocks::elapsed_max);
  }
}

}  // namespace
}  // namespace wixtokend::store
