#include "emulator/counters.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;

TEST_SUITE("emulator.counters") {
  TEST_CASE("requests are counted by route and status, and those without an answer apart") {
    counters counted{instant{}};
    counted.started(route::token, instant{1ms});
    counted.ended(route::token, 200);
    counted.started(route::token, instant{2ms});
    counted.ended(route::token, 503);
    counted.started(route::token, instant{3ms});
    counted.ended(route::token, 0);
    counted.started(route::access, instant{4ms});
    counted.ended(route::access, 200);

    auto const& totals = counted.of(route::token);
    CHECK(totals.requests == 3);
    CHECK(totals.unanswered == 1);
    CHECK(totals.by_status.at(200) == 1);
    CHECK(totals.by_status.at(503) == 1);
    CHECK(totals.by_status.size() == 2);
    CHECK(counted.of(route::access).requests == 1);
    CHECK(counted.of(route::other).requests == 0);
  }

  TEST_CASE("the most requests in flight at once are remembered by route") {
    counters counted{instant{}};
    counted.started(route::token, instant{});
    counted.started(route::token, instant{});
    counted.started(route::other, instant{});
    counted.ended(route::token, 200);
    counted.started(route::token, instant{});
    CHECK(counted.of(route::token).in_flight == 2);
    CHECK(counted.of(route::token).in_flight_max == 2);
    CHECK(counted.of(route::other).in_flight_max == 1);
  }

  TEST_CASE("a reset forgets everything but what is going on") {
    counters counted{instant{}};
    counted.started(route::token, instant{});
    counted.started(route::token, instant{});
    counted.ended(route::token, 200);
    counted.connection_opened();
    counted.connection_opened();
    counted.connection_closed();
    counted.malformed_request();

    counted.reset(instant{5s});
    CHECK(counted.of(route::token).requests == 0);
    CHECK(counted.of(route::token).by_status.empty());
    CHECK(counted.of(route::token).in_flight == 1);
    CHECK(counted.of(route::token).in_flight_max == 1);
    CHECK(counted.arrivals().empty());
    CHECK(counted.since() == instant{5s});
    CHECK(counted.connections().accepted == 0);
    CHECK(counted.connections().open == 1);
    CHECK(counted.connections().open_max == 1);
    CHECK(counted.connections().malformed == 0);

    counted.ended(route::token, 200);
    counted.connection_closed();
    CHECK(counted.of(route::token).in_flight == 0);
    CHECK(counted.connections().open == 0);
  }

  TEST_CASE("the oldest arrivals are forgotten when there are too many") {
    counters counted{instant{}};
    for (std::size_t i = 0; i < counters::arrivals_max + 3; ++i) {
      counted.started(route::token, instant{duration{i}});
      counted.ended(route::token, 200);
    }
    auto const arrivals = counted.arrivals();
    REQUIRE(arrivals.size() == counters::arrivals_max);
    CHECK(arrivals.front().at == instant{3ns});
    CHECK(arrivals.back().at == instant{duration{counters::arrivals_max + 2}});
    CHECK(counted.arrivals_dropped() == 3);

    counted.reset(instant{});
    counted.started(route::access, instant{9ns});
    CHECK(counted.arrivals().size() == 1);
    CHECK(counted.arrivals_dropped() == 0);
  }

  TEST_CASE("the fullest window is found, and its end does not belong to it") {
    std::vector<instant> const times{instant{0ms},    instant{600ms},  instant{900ms},
                                     instant{1000ms}, instant{1599ms}, instant{3000ms}};
    CHECK(most_within(times, 1s) == 4);     // 600 to 1599
    CHECK(most_within(times, 999ms) == 3);  // 600 to 1000
    CHECK(most_within(times, 1ms) == 1);
    CHECK(most_within(times, 1h) == 6);
    CHECK(most_within({}, 1s) == 0);
    CHECK(most_within({instant{1s}, instant{1s}, instant{1s}}, 1ns) == 3);
  }
}
