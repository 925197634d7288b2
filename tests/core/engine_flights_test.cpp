#include "core/backoff.hpp"
#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

TEST_SUITE("core.engine_flights") {
  TEST_CASE("waiting callers see attempts after 0.1, 0.3, 0.9 and 1 s, shared by all") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    for (int i = 0; i < 50; ++i) w.ask(key_of(1), 5s);
    std::vector<duration> gaps;
    auto last = w.now;
    auto flights = w.run();
    while (w.engine().waiters() != 0) {
      for (auto const& flight : flights) {
        gaps.push_back(w.now - last);
        last = w.now;
        w.finish(flight, failed(failure_class::transient));
      }
      auto const wake = w.engine().wake_at();
      w.now = wake;
      flights = w.run();
    }
    CHECK(gaps == std::vector<duration>{0s, 100ms, 300ms, 900ms, 1s, 2s});
    CHECK(w.completed.size() == 50);
    for (auto const& one : w.completed) {
      CHECK(one.refused.value().reason == refusal_reason::unavailable);
      CHECK(one.refused.value().upstream.has_value());
    }
    CHECK(w.now == instant{1h} + 5s);
  }

  TEST_CASE("an unwatched instance backs off from two seconds to five minutes") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto flights = w.run();
    auto last = w.now;
    for (unsigned attempt = 1; attempt < 15; ++attempt) {
      w.finish(flights.at(0), failed(failure_class::transient));
      auto const expected = doubled(2s, attempt, 5min);
      CHECK(w.engine().wake_at() - last >= expected / 2);
      CHECK(w.engine().wake_at() - last <= expected);
      w.now = w.engine().wake_at();
      flights = w.run();
      last = w.now;
    }
  }

  TEST_CASE("a failure neither erases nor shortens what can be served") {
    engine_world w;
    w.warm(key_of(1), 4h);
    auto const before = w.engine().usable(key_of(1), {}, w.now).value().usable_until;
    auto const flight = w.pass(3h + 15min).at(0);
    for (auto const kind : {failure_class::transient, failure_class::throttled,
                            failure_class::app_refused, failure_class::instance_blocked}) {
      engine_world fresh;
      fresh.warm(key_of(1), 4h);
      auto const attempt = fresh.pass(3h + 15min).at(0);
      fresh.finish(attempt, failed(kind));
      auto const token = fresh.engine().usable(key_of(1), {}, fresh.now);
      REQUIRE(token.has_value());
      CHECK(token->usable_until == before);
      CHECK(std::holds_alternative<token_view>(fresh.ask(key_of(1))));
    }
    w.finish(flight, failed(failure_class::transient));
    CHECK(w.engine().usable(key_of(1), {}, w.now).value().stale);
    CHECK(w.engine().view(key_of(1), w.now).value().state == instance_state::stale);
  }

  TEST_CASE("a blocked instance answers at once for five seconds, then one caller tries") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const caller = w.ask(key_of(1));
    w.finish(w.run().at(0), failed(failure_class::instance_blocked, "not_found"));
    CHECK(w.of(caller).refused.value().reason == refusal_reason::instance_blocked);
    CHECK(w.of(caller).refused.value().upstream.value().code == "not_found");

    w.now += 4s;
    auto const refused = w.ask(key_of(1));
    CHECK(std::get<refusal>(refused).reason == refusal_reason::instance_blocked);
    CHECK(std::get<refusal>(refused).retry_after == 1s);
    CHECK(w.run().empty());
    w.now += 1s;
    CHECK(std::holds_alternative<waiter_id>(w.ask(key_of(1))));
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    w.finish(flights[0], failed(failure_class::instance_blocked));
    CHECK(std::get<refusal>(w.ask(key_of(1))).retry_after == 10s);
  }

  TEST_CASE("a blocked instance is tried by itself after 15 minutes, then ever more rarely") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.finish(w.run().at(0), failed(failure_class::instance_blocked));
    auto last = w.now;
    for (auto const expected : {15min, 30min, 60min, 120min}) {
      CHECK(w.pass(expected - 1ms).empty());
      auto const flights = w.pass(1ms);
      REQUIRE(flights.size() == 1);
      CHECK(w.now - last == expected);
      last = w.now;
      w.finish(flights[0], failed(failure_class::instance_blocked));
    }
    w.engine().retry(key_of(1), w.now);
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("a registration clears the block of an instance created on demand") {
    engine_world w;
    CHECK_FALSE(w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now).has_value());
    w.ask(key_of(1));
    w.finish(w.run().at(0), failed(failure_class::instance_blocked));
    CHECK(w.run().empty());
    w.engine().add(key_of(1), 0, w.now);
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("a refused app sends one probe after a minute, and usable tokens are served on") {
    engine_world w;
    w.warm(key_of(1), 4h);
    w.engine().add(key_of(2), 0, w.now);
    w.engine().add(key_of(3), 0, w.now);
    auto const caller = w.ask(key_of(2));
    auto const flights = w.run();
    REQUIRE(flights.size() == 2);
    w.finish(flights[0], failed(failure_class::app_refused, "invalid_client"));
    w.finish(flights[1], failed(failure_class::app_refused, "invalid_client"));
    CHECK(w.of(caller).refused.value().reason == refusal_reason::app_refused);
    CHECK(w.engine().app_refusal(app_number{0})->code == "invalid_client");
    CHECK(std::holds_alternative<token_view>(w.ask(key_of(1))));
    CHECK(std::get<refusal>(w.ask(key_of(3))).reason == refusal_reason::app_refused);

    CHECK(w.pass(60s - 1ms).empty());
    auto const probe = w.pass(1ms);
    REQUIRE(probe.size() == 1);  // one, although two instances are due
    w.finish(probe[0], failed(failure_class::app_refused, "invalid_client"));
    CHECK(w.pass(2min - 1ms).empty());
    auto const second = w.pass(1ms);
    REQUIRE(second.size() == 1);
    w.finish(second[0], w.token());
    CHECK(w.engine().app_refusal(app_number{0}) == nullptr);
    CHECK(w.run().size() == 1);  // the other one follows
  }

  TEST_CASE("a refused app with nothing but on-demand callers recovers through a caller") {
    engine_world w;
    w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now);
    w.ask(key_of(1));
    w.finish(w.run().at(0), failed(failure_class::app_refused));
    CHECK(w.pass(59s).empty());
    auto const turned_away = w.engine().create_on_demand(key_of(2), {1000, 0}, 0, w.now);
    CHECK(turned_away.value().reason == refusal_reason::app_refused);
    w.now += 1s;
    CHECK_FALSE(w.engine().create_on_demand(key_of(2), {1000, 0}, 0, w.now).has_value());
    CHECK(std::holds_alternative<waiter_id>(w.ask(key_of(2))));
    auto const probe = w.run();
    REQUIRE(probe.size() == 1);
    CHECK(std::get<refusal>(w.ask(key_of(2))).reason == refusal_reason::app_refused);
    w.finish(probe[0], w.token());
    CHECK(w.engine().app_refusal(app_number{0}) == nullptr);
  }

  TEST_CASE("nothing goes out against Retry-After: not for the instance, nor for callers") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.engine().add(key_of(2), 0, w.now);
    auto const flights = w.run();
    w.finish(flights[1], w.token());
    w.finish(flights[0], failed(failure_class::throttled, "429", 100s));
    CHECK(std::holds_alternative<waiter_id>(w.ask(flights[0].key, 60s)));
    CHECK(w.pass(100s - 1ms).empty());
    auto again = w.pass(1ms);
    for (auto const kind : {failure_class::transient, failure_class::instance_blocked}) {
      REQUIRE(again.size() == 1);
      w.finish(again[0], failed(kind, "scripted", 1h));
      w.pass(30min);
      w.ask(again[0].key, 0s);
      CHECK(w.pass(30min - 1ms).empty());
      w.ask(again[0].key, 0s);
      again = w.pass(1ms);
    }
    REQUIRE(again.size() == 1);
    w.finish(again[0], failed(failure_class::app_refused, "invalid_client", 1h));
    w.engine().retry(again[0].key, w.now);
    CHECK(w.pass(1h - 1ms).empty());
    CHECK(w.pass(1ms).size() == 1);
  }

  TEST_CASE("two throttled instances within ten seconds pause the whole endpoint") {
    engine_world w;
    for (unsigned n = 1; n <= 3; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const flights = w.run();
    w.finish(flights[0], failed(failure_class::throttled, "429", 30s));
    w.now += 5s;
    w.finish(flights[1], failed(failure_class::throttled, "429", 30s));
    w.finish(flights[2], failed(failure_class::transient));
    CHECK(std::holds_alternative<waiter_id>(w.ask(flights[2].key, 60s)));
    CHECK(w.pass(30s - 1ms).empty());
    CHECK_FALSE(w.pass(1ms).empty());
  }

  TEST_CASE("the same bytes again keep the generation and hold off for thirty seconds") {
    engine_world w;
    auto const generation = w.warm(key_of(1), 4h);
    auto const until = w.engine().usable(key_of(1), {}, w.now).value().usable_until;
    auto const flight = w.pass(3h + 15min).at(0);
    minted same{secret{"token-1"}, w.now, w.now + 4h, false};
    w.finish(flight, std::move(same));
    auto const token = w.engine().usable(key_of(1), {}, w.now).value();
    CHECK(token.generation == generation);
    CHECK(token.usable_until == until);
    CHECK(w.engine().view(key_of(1), w.now).value().scheduled == schedule_reason::unchanged);
    CHECK(w.pass(30s - 1ms).empty());
    CHECK(w.pass(1ms).size() == 1);
  }

  TEST_CASE("the hold after the same bytes ends before the token does, and a drop ends it") {
    engine_world w;
    w.warm(key_of(1), 20s);
    auto const flight = w.pass(11s).at(0);
    w.finish(flight, minted{secret{"token-1"}, w.now, w.now + 20s, false});
    auto const again = w.pass(2s);
    REQUIRE_FALSE(again.empty());
    w.finish(again[0], minted{secret{"token-1"}, w.now, w.now + 20s, false});
    CHECK(w.run().empty());
    w.engine().drop_token(key_of(1), w.now);
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("the same bytes after their end are a failure like another") {
    engine_world w;
    w.warm(key_of(1), 20s);
    auto flights = w.pass(16s);
    w.ask(key_of(1), 60s);
    w.finish(flights.at(0), minted{secret{"token-1"}, w.now, w.now + 20s, false});
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK(w.pass(100ms).size() == 1);
  }

  TEST_CASE("a probe that fails in another way is not followed by the next one at once") {
    engine_world w;
    for (unsigned n = 1; n <= 3; ++n) w.engine().add(key_of(n), 0, w.now);
    for (auto const& flight : w.run()) w.finish(flight, failed(failure_class::app_refused));
    auto const probe = w.pass(60s);
    REQUIRE(probe.size() == 1);
    w.finish(probe[0], failed(failure_class::transient));
    CHECK(w.pass(60s - 1ms).empty());
    CHECK(w.pass(1ms).size() == 1);
  }

  TEST_CASE("registrations do not hurry the probe of a refused app, retries do now and then") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.finish(w.run().at(0), failed(failure_class::app_refused));
    for (unsigned n = 2; n <= 100; ++n) w.engine().add(key_of(n), 0, w.now);
    CHECK(w.run().empty());
    unsigned probes = 0;
    for (int i = 0; i < 20; ++i) {
      w.engine().retry(key_of(1), w.now);
      for (auto const& flight : w.pass(500ms)) {
        ++probes;
        w.finish(flight, failed(failure_class::app_refused));
      }
    }
    CHECK(probes == 1);
  }

  TEST_CASE("a token that ends before the stored one does not replace it") {
    engine_world w;
    auto const generation = w.warm(key_of(1), 4h);
    auto const flight = w.pass(3h + 15min).at(0);
    w.finish(flight, w.token(10min));
    CHECK(w.engine().usable(key_of(1), {}, w.now).value().generation == generation);
    // It is asked for again when it would be the longer one, not every half a minute until then.
    auto const rest = w.engine().usable(key_of(1), {}, w.now).value().usable_until - w.now;
    CHECK(w.pass(rest - 10min - 1s).empty());
    CHECK(w.pass(2s).size() == 1);
  }

  TEST_CASE("a token that is over when it arrives is not taken") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const flight = w.run().at(0);
    auto late = w.token(10s);
    w.now += 8s;
    w.finish(flight, std::move(late));
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK(w.engine().view(key_of(1), w.now).value().generation == 0);
  }
}
