#include "service/app_news.hpp"

#include "support/recording_logger.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace wixtokend;
using namespace std::chrono_literals;
using core::breaker_state;
using core::failure_class;

namespace {

constexpr instant now{100h};

struct world {
  test::recording_logger log;
  service::app_news news{"main", log};
  core::app_view seen;

  world() {
    seen.ceiling = 50;
    seen.rate = 50;
    seen.background_rate = 5;
  }

  // The app became `after` with a result.
  void look(core::app_view const& after, core::failure const* failed = nullptr) {
    news.look(seen, after, failed, now);
    seen = after;
  }
  void look_with_demand(double demand) {
    auto after = seen;
    after.demand = demand;
    look(after);
  }
  void look_with_breaker(breaker_state state, core::failure const* failed = nullptr) {
    auto after = seen;
    after.breaker = state;
    look(after, failed);
  }
};

core::failure failure_of(failure_class kind, unsigned status) {
  core::failure failure;
  failure.kind = kind;
  failure.status = status;
  failure.code = "code";
  return failure;
}

}  // namespace

TEST_SUITE("service.app_news") {
  TEST_CASE("an app at rest is no news") {
    world w;
    for (int i = 0; i < 10; ++i) w.look(w.seen);
    CHECK(w.log.lines.empty());
  }

  TEST_CASE("overload is told once, and its end once, a little below where it began") {
    world w;
    w.look_with_demand(40);
    CHECK(w.log.lines.empty());
    w.look_with_demand(40.1);
    w.look_with_demand(60);
    REQUIRE(w.log.lines.size() == 1);
    CHECK(w.log.lines[0] ==
          "warning app_overloaded app=main demand=40.1 ceiling=50 advice=instances may go cold: "
          "raise requests_per_second_max");
    w.look_with_demand(39.9);  // to and fro at the border is no news
    w.look_with_demand(40.1);
    w.look_with_demand(38.1);
    CHECK(w.log.lines.size() == 1);
    w.look_with_demand(37.9);
    w.look_with_demand(37.9);
    REQUIRE(w.log.lines.size() == 2);
    CHECK(w.log.lines[1] == "info app_relieved app=main demand=37.9 ceiling=50");
    w.look_with_demand(41);
    CHECK(w.log.count("warning app_overloaded") == 2);
  }

  TEST_CASE("the breaker's opening and closing are a line each, whatever happens in between") {
    world w;
    auto const down = failure_of(failure_class::transient, 502);
    w.look_with_breaker(breaker_state::open, &down);
    w.look_with_breaker(breaker_state::half_open);
    w.look_with_breaker(breaker_state::open, &down);
    w.look_with_breaker(breaker_state::half_open);
    REQUIRE(w.log.lines.size() == 1);
    CHECK(
        w.log.lines[0] ==
        "warning breaker_opened app=main status=502 code=code next=usable tokens are served; only "
        "probes go to the upstream");
    w.look_with_breaker(breaker_state::closed);
    w.look_with_breaker(breaker_state::closed);
    REQUIRE(w.log.lines.size() == 2);
    CHECK(w.log.lines[1] == "info breaker_closed app=main");
  }

  TEST_CASE("a rate that throttling lowers is a line, with the pause") {
    world w;
    auto const throttled = failure_of(failure_class::throttled, 429);
    auto after = w.seen;
    after.rate = 25;
    after.paused_until = now + 1500ms;
    w.look(after, &throttled);
    REQUIRE(w.log.lines.size() == 1);
    CHECK(
        w.log.lines[0] ==
        "warning rate_lowered app=main from=50 to=25 ceiling=50 pause=2s next=the rate rises again "
        "by itself");
    w.look(after, &throttled);  // the same rate: the answers of requests that were under way
    CHECK(w.log.lines.size() == 1);
    after.rate = 12.5;
    after.paused_until.reset();
    w.look(after, &throttled);
    CHECK(w.log.count("from=25 to=12.5 ceiling=50 pause=0s") == 1);
  }

  TEST_CASE("a rate that changes for another reason is no news") {
    world w;
    auto const down = failure_of(failure_class::transient, 502);
    auto const throttled = failure_of(failure_class::throttled, 429);
    auto after = w.seen;
    after.rate = 6.25;  // the ramp after the breaker
    w.look(after, &down);
    w.look(after);
    after.rate = 12.5;
    w.look(after, &throttled);
    CHECK(w.log.lines.empty());
  }
}
