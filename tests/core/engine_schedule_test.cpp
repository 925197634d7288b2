#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

TEST_SUITE("core.engine_schedule") {
  TEST_CASE("an hour of twenty-second tokens is refreshed in time, with nothing wasted") {
    engine_world w;
    w.warm(key_of(1), 20s);
    auto const start = w.now;
    unsigned mints = 0;
    while (w.now < start + 1h) {
      w.now = w.engine().wake_at();
      for (auto const& flight : w.run()) {
        ++mints;
        w.now += 300ms;  // the upstream's time
        auto fresh = w.token(20s);
        fresh.sent -= 300ms;
        fresh.expires_at -= 300ms;
        w.finish(flight, std::move(fresh));
      }
      auto const token = w.engine().usable(key_of(1), {}, w.now);
      REQUIRE(token.has_value());
      CHECK(token->usable_until > w.now);
    }
    CHECK(mints > 320);  // a life of 20 s is refreshed every 9 to 11 s
    CHECK(mints < 400);
  }

  TEST_CASE("the refresh instant is drawn once per generation") {
    engine_world w;
    w.warm(key_of(1), 4h);
    auto const drawn = w.engine().usable(key_of(1), {}, w.now).value().refresh_at;
    for (int i = 0; i < 100; ++i) {
      w.pass(1min);
      w.ask(key_of(1));
      CHECK(w.engine().usable(key_of(1), {}, w.now).value().refresh_at == drawn);
    }
    CHECK(w.engine().wake_at() == drawn);
  }

  TEST_CASE("the same seed gives the same instants, instances get different ones") {
    std::set<instant> drawn;
    for (int round = 0; round < 2; ++round) {
      engine_world w;
      for (unsigned n = 0; n < 20; ++n) w.warm(key_of(n + 1), 4h);
      for (unsigned n = 0; n < 20; ++n) {
        drawn.insert(w.engine().usable(key_of(n + 1), {}, w.now).value().refresh_at);
      }
    }
    CHECK(drawn.size() == 20);
  }

  TEST_CASE("no more attempts are under way than allowed") {
    engine_world w;
    w.apps[0].in_flight_max = 3;
    for (unsigned n = 1; n <= 10; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const flights = w.run();
    CHECK(flights.size() == 3);
    CHECK(w.pass(1min).empty());
    w.finish(flights[0], w.token());
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("attempts in any second stay within the rate and its burst") {
    engine_world w;
    w.apps[0].requests_per_second_max = 5;
    for (unsigned n = 1; n <= 30; ++n) w.engine().add(key_of(n), 0, w.now);
    CHECK(w.run().size() == 5);
    CHECK(w.pass(1s).size() == 5);
    CHECK(w.pass(2s).size() == 10);
  }

  TEST_CASE("waiting callers go first, then what is still usable, then the rest") {
    engine_world w;
    w.apps[0].requests_per_second_max = 1;
    w.warm(key_of(1), 20s);  // will be due and usable
    w.now += 12s;
    w.engine().add(key_of(2), 0, w.now);  // cold, unwatched
    w.engine().add(key_of(3), 0, w.now);  // cold, with a caller
    w.ask(key_of(3));
    std::vector<instance_key> order;
    for (auto const& flight : w.pass(2500ms)) order.push_back(flight.key);
    CHECK(order == std::vector{key_of(3), key_of(1), key_of(2)});
  }

  TEST_CASE("of the usable ones the soonest to end goes first, and the lapsed go last") {
    engine_world w;
    w.apps[0].in_flight_max = 1;
    w.warm(key_of(1), 200s);
    w.warm(key_of(2), 180s);
    w.warm(key_of(3), 130s);
    w.engine().add(key_of(9), 0, w.now);
    auto const busy = w.run().at(0);
    CHECK(w.pass(165s).empty());  // all three have become due, the third has lapsed meanwhile
    w.finish(busy, w.token());
    std::vector<instance_key> order;
    for (auto flights = w.run(); !flights.empty(); flights = w.run()) {
      REQUIRE(flights.size() == 1);
      order.push_back(flights[0].key);
      w.finish(flights[0], w.token());
    }
    CHECK(order == std::vector{key_of(2), key_of(1), key_of(3)});
  }

  TEST_CASE("an on-demand instance is refreshed while it is used and lapses when it is not") {
    engine_world w;
    CHECK_FALSE(w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now).has_value());
    w.ask(key_of(1));
    w.finish(w.run().at(0), w.token(4h));
    for (int i = 0; i < 20; ++i) {
      w.ask(key_of(1));
      for (auto const& flight : w.pass(1h)) w.finish(flight, w.token(4h));
    }
    CHECK(w.tokens >= 4);
    auto const before = w.tokens;
    for (int i = 0; i < 40; ++i) {
      for (auto const& flight : w.pass(1h)) w.finish(flight, w.token(4h));
    }
    CHECK(w.tokens <= before + 3);
    CHECK(w.engine().view(key_of(1), w.now).value().state == instance_state::idle);
    CHECK(w.engine().wake_at() == never);
    CHECK(std::holds_alternative<waiter_id>(w.ask(key_of(1))));
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("keep_warm none: minted when asked for, never ahead") {
    engine_world w;
    w.apps[0].warm = keep_warm::none;
    w.engine().add(key_of(1), 0, w.now);
    w.ask(key_of(1));
    w.finish(w.run().at(0), w.token(4h));
    CHECK(w.pass(5h).empty());
    w.ask(key_of(1));
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("an on-demand instance that never got a token is forgotten") {
    engine_world w;
    w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now);
    w.ask(key_of(1), 100ms);
    w.finish(w.run().at(0), failed(failure_class::instance_blocked));
    CHECK(w.engine().size() == 1);  // remembered for callers that ask again
    CHECK(std::get<refusal>(w.ask(key_of(1))).reason == refusal_reason::instance_blocked);
    w.pass(5min);
    CHECK(w.engine().size() == 0);
  }

  TEST_CASE("without on_demand an unknown instance stays unknown") {
    engine_world w;
    w.apps[0].on_demand = false;
    auto const refused = w.engine().create_on_demand(key_of(1), {0, 0}, 0, w.now);
    CHECK(refused.value().reason == refusal_reason::unknown_instance);
    CHECK(w.engine().size() == 0);
  }

  TEST_CASE("apps have budgets of their own and take turns") {
    engine_world w;
    w.apps = {test::unhurried(), test::unhurried()};
    w.apps[0].in_flight_max = 1;
    w.apps[1].in_flight_max = 1;
    w.engine().add(key_of(1, 0), 0, w.now);
    w.engine().add(key_of(2, 0), 0, w.now);
    w.engine().add(key_of(1, 1), 0, w.now);
    auto const flights = w.run();
    REQUIRE(flights.size() == 2);
    CHECK(flights[0].key.app != flights[1].key.app);
  }

  TEST_CASE("Token Info goes against the same budget") {
    engine_world w;
    w.apps[0].requests_per_second_max = 1;
    CHECK_FALSE(w.engine().admit_request(key_of(1), w.now).has_value());
    CHECK(w.engine().admit_request(key_of(1), w.now) == 4s);  // a quarter of the rate
    w.engine().add(key_of(1), 0, w.now);
    CHECK(w.run().empty());
    w.engine().request_ended(key_of(1), nullptr, w.now);
    CHECK(w.pass(1s).size() == 1);
    CHECK(w.engine().in_flight(app_number{0}) == 1);
  }

  TEST_CASE("Token Info never goes before an attempt that is ready, nor takes all places") {
    engine_world w;
    w.apps[0].in_flight_max = 8;
    unsigned granted = 0;
    for (int i = 0; i < 8; ++i) {
      if (!w.engine().admit_request(key_of(1), w.now)) ++granted;
    }
    CHECK(granted == 2);
    for (unsigned n = 1; n <= 8; ++n) w.engine().add(key_of(n), 0, w.now);
    CHECK(w.run().size() == 6);
    w.engine().request_ended(key_of(1), nullptr, w.now);
    CHECK(w.engine().admit_request(key_of(1), w.now).has_value());
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("the Retry-After of a Token Info call holds for both kinds of requests") {
    engine_world w;
    w.warm(key_of(1), 20s);
    CHECK_FALSE(w.engine().admit_request(key_of(1), w.now).has_value());
    auto const throttled = failed(failure_class::throttled, "429", 60s);
    w.engine().request_ended(key_of(1), &throttled, w.now);
    CHECK(w.engine().admit_request(key_of(1), w.now) == 60s);
    CHECK(w.pass(60s - 1ms).empty());
    CHECK(w.pass(1ms).size() == 1);
  }

  TEST_CASE("who does not wait sets things going all the same") {
    engine_world w;
    w.apps[0].warm = keep_warm::none;
    w.engine().add(key_of(1), 0, w.now);
    w.ask(key_of(1));
    w.finish(w.run().at(0), w.token(20s));
    w.pass(1min);
    CHECK(std::get<refusal>(w.ask(key_of(1), 0s)).reason == refusal_reason::unavailable);
    auto const flight = w.run().at(0);
    w.finish(flight, failed(failure_class::instance_blocked));
    w.pass(5s);
    CHECK(std::get<refusal>(w.ask(key_of(1), 0s)).reason == refusal_reason::unavailable);
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("without keep_warm a registration alone mints nothing") {
    engine_world w;
    w.apps[0].warm = keep_warm::used;
    w.engine().add(key_of(1), 0, w.now);
    CHECK(w.pass(1h).empty());
    CHECK(w.engine().view(key_of(1), w.now).value().state == instance_state::idle);
    w.ask(key_of(1));
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("an idle engine asks to be woken never") {
    engine_world w;
    CHECK(w.engine().wake_at() == never);
    CHECK(w.run().empty());
  }
}
