#include "core/engine.hpp"

#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

TEST_SUITE("core.engine") {
  TEST_CASE("an unknown instance is refused, a registered one is minted unasked") {
    engine_world w;
    auto const answer = w.ask(key_of(1));
    CHECK(std::get<refusal>(answer).reason == refusal_reason::unknown_instance);
    CHECK(w.engine().add(key_of(1), 0, w.now) == true);
    CHECK(w.engine().add(key_of(1), 0, w.now) == false);
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    CHECK(flights[0].key == key_of(1));
  }

  TEST_CASE("two hundred cold callers share one flight and all get its token") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    std::vector<request_answer> callers;
    for (int i = 0; i < 200; ++i) callers.push_back(w.ask(key_of(1)));
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    CHECK(w.run().empty());
    w.finish(flights[0], w.token());
    CHECK(w.completed.size() == 200);
    for (auto const& caller : callers) CHECK_FALSE(w.of(caller).refused.has_value());
    CHECK(w.engine().waiters() == 0);
    CHECK(w.pass(1h).empty());
  }

  TEST_CASE("a hit answers at once and starts nothing") {
    engine_world w;
    auto const generation = w.warm(key_of(1));
    auto const answer = w.ask(key_of(1));
    auto const& token = std::get<token_view>(answer);
    CHECK(token.generation == generation);
    CHECK(token.expires_at == w.now + 4h);
    CHECK(token.usable_until == w.now + 4h - 60s);
    CHECK_FALSE(token.stale);
    CHECK(w.run().empty());
  }

  TEST_CASE("a token is not handed out from its usable end on") {
    engine_world w;
    w.warm(key_of(1), 20s);
    w.now += 15s - 1ns;
    CHECK(w.engine().usable(key_of(1), {}, w.now).has_value());
    w.now += 1ns;
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK(std::holds_alternative<waiter_id>(w.ask(key_of(1))));
  }

  TEST_CASE("a caller whose wait ends gets the last error, or that a flight is under way") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const early = w.ask(key_of(1), 1s);
    auto const flights = w.run();
    w.pass(1s);
    CHECK(w.of(early).refused.value().reason == refusal_reason::wait_ended);

    w.finish(flights[0], failed(failure_class::transient, "http_500"));
    auto const late = w.ask(key_of(1), 50ms);
    w.pass(50ms);
    auto const answer = w.of(late).refused.value();
    CHECK(answer.reason == refusal_reason::unavailable);
    CHECK(answer.upstream.value().code == "http_500");
    CHECK(w.now == instant{1h} + 1050ms);
  }

  TEST_CASE("the end of a wait in the queue says when to come back, not centuries later") {
    engine_world w;
    w.apps[0].in_flight_max = 1;
    w.engine().add(key_of(1), 0, w.now);
    CHECK(w.run().size() == 1);
    w.engine().add(key_of(2), 0, w.now);
    auto const caller = w.ask(key_of(2), 1s);
    w.pass(1s);
    auto const refused = w.of(caller).refused.value();
    CHECK(refused.reason == refusal_reason::unavailable);
    CHECK(refused.retry_after <= 1s);
  }

  TEST_CASE("a caller that does not wait is answered at once, and its demand is known") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const answer = w.ask(key_of(1), 0s);
    CHECK(std::get<refusal>(answer).reason == refusal_reason::unavailable);
    CHECK(w.run().size() == 1);
    auto const second = w.ask(key_of(1), 0s);
    CHECK(std::get<refusal>(second).reason == refusal_reason::wait_ended);
  }

  TEST_CASE("a caller that leaves does not end the flight") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const caller = w.ask(key_of(1));
    auto const flights = w.run();
    w.engine().abandon(std::get<waiter_id>(caller), w.now);
    w.engine().abandon(std::get<waiter_id>(caller), w.now);  // twice does no harm
    w.finish(flights[0], w.token());
    CHECK(w.completed.empty());
    CHECK(w.engine().usable(key_of(1), {}, w.now).has_value());
  }

  TEST_CASE("more validity than half a life is impossible and says what would be") {
    engine_world w;
    w.warm(key_of(1), 120s);  // usable for 110 s
    auto const answer = w.ask(key_of(1), 5s, {56s, 0});
    CHECK(std::get<refusal>(answer).reason == refusal_reason::impossible_validity);
    CHECK(std::get<refusal>(answer).max_min_valid == 55s);
    CHECK(std::holds_alternative<token_view>(w.ask(key_of(1), 5s, {55s, 0})));
  }

  TEST_CASE("a token too short-lived for the caller is renewed for it") {
    engine_world w;
    auto const old = w.warm(key_of(1), 4h);
    w.now += 2h + 30min;
    auto const caller = w.ask(key_of(1), 5s, {110min, 0});
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    w.finish(flights[0], w.token());
    CHECK_FALSE(w.of(caller).refused.has_value());
    CHECK(w.engine().usable(key_of(1), {}, w.now).value().generation == old + 1);

    w.now += 2h + 30min;
    auto const unlucky = w.ask(key_of(1), 5s, {110min, 0});
    w.finish(w.run().at(0), failed(failure_class::transient));
    w.pass(5s);
    CHECK(w.of(unlucky).refused.value().reason == refusal_reason::insufficient_validity);
  }

  TEST_CASE("generations rise, start at the floor, and survive a removal") {
    engine_world w;
    w.engine().add(key_of(1), 5'000'000, w.now);
    w.finish(w.run().at(0), w.token());
    auto const first = w.engine().view(key_of(1), w.now).value().generation;
    CHECK(first == 5'000'000);
    CHECK(w.engine().remove(key_of(1)));
    CHECK_FALSE(w.engine().remove(key_of(1)));
    w.engine().add(key_of(1), 0, w.now);  // a wall clock that stepped back
    w.finish(w.run().at(0), w.token());
    CHECK(w.engine().view(key_of(1), w.now).value().generation > first);
  }

  TEST_CASE("a removal answers the waiters, and the flight's result is nobody's") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const caller = w.ask(key_of(1));
    auto const flight = w.run().at(0);
    w.engine().remove(key_of(1));
    w.run();
    CHECK(w.of(caller).refused.value().reason == refusal_reason::unknown_instance);
    w.finish(flight, w.token());
    CHECK(w.engine().size() == 0);
    CHECK(w.engine().in_flight(app_number{0}) == 0);
  }

  TEST_CASE("an instance that comes back while its old flight lasts has still one flight") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const old = w.run().at(0);
    w.engine().remove(key_of(1));
    w.engine().add(key_of(1), 0, w.now);
    CHECK(w.run().empty());
    w.finish(old, w.token());
    CHECK(w.engine().view(key_of(1), w.now).value().generation == 0);  // discarded
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("a dropped token is gone for everybody and minted anew") {
    engine_world w;
    auto const old = w.warm(key_of(1));
    CHECK(w.engine().drop_token(key_of(1), w.now));
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    w.finish(w.run().at(0), w.token());
    CHECK(w.engine().usable(key_of(1), {}, w.now).value().generation == old + 1);
    CHECK_FALSE(w.engine().drop_token(key_of(2), w.now));
  }

  TEST_CASE("what an attempt brings that began before the drop is not used") {
    engine_world w;
    w.warm(key_of(1), 20s);
    auto const refresh = w.pass(11s).at(0);
    w.engine().drop_token(key_of(1), w.now);
    w.finish(refresh, w.token());
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("stopping ends every wait and refuses what comes later") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const caller = w.ask(key_of(1));
    w.engine().stop();
    CHECK(w.run().empty());
    CHECK(w.of(caller).refused.value().reason == refusal_reason::stopping);
    CHECK(std::get<refusal>(w.ask(key_of(1))).reason == refusal_reason::stopping);
  }

  TEST_CASE("results of flights that are not under way change nothing") {
    engine_world w;
    auto const generation = w.warm(key_of(1));
    w.finish({77, key_of(1), grant::client_credentials}, w.token());
    w.finish({0, key_of(1), grant::client_credentials}, w.token());
    w.finish({77, key_of(9), grant::client_credentials}, w.token());
    CHECK(w.engine().view(key_of(1), w.now).value().generation == generation);
    CHECK(w.engine().in_flight(app_number{0}) == 0);
  }

  TEST_CASE("time that steps back counts as standing still") {
    engine_world w;
    w.warm(key_of(1), 20s);
    w.now += 15s;
    CHECK(std::holds_alternative<waiter_id>(w.ask(key_of(1))));
    w.now -= 10s;
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK_FALSE(std::holds_alternative<token_view>(w.ask(key_of(1))));
  }
}
