// An upstream that fails, refuses the app, or seems to: what still goes out, and who gets it.

#include "core/engine.hpp"
#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

namespace {

auto const transient = [] { return failed(failure_class::transient, "http_500"); };

app_view seen(engine_world& w) {
  return w.engine().app_view_at(app_number{0}, w.now);
}

// Twenty instances with tokens, and a breaker that has just opened over five others.
struct broken_world : engine_world {
  broken_world() {
    for (unsigned n = 1; n <= 20; ++n) warm(key_of(n));
    for (unsigned n = 101; n <= 105; ++n) engine().add(key_of(n), 0, now);
    for (auto const& one : run()) finish(one, transient());
  }
};

}  // namespace

TEST_SUITE("core.engine_breaker") {
  TEST_CASE("five failures of different instances stop everything but a probe") {
    broken_world w;
    CHECK(seen(w).breaker == breaker_state::open);
    for (unsigned n = 201; n <= 260; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const flights = w.pass(30s);
    CHECK(flights.size() == 1);
    CHECK(seen(w).breaker == breaker_state::half_open);
    CHECK(w.engine().usable(key_of(1), {}, w.now).has_value());  // and what is usable is served
  }

  TEST_CASE("a probe that succeeds lets the others follow, an eighth of the rate at first") {
    broken_world w;
    for (unsigned n = 201; n <= 280; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const probe = w.pass(5s);
    REQUIRE(probe.size() == 1);
    w.finish(probe[0], w.token());
    CHECK(seen(w).breaker == breaker_state::closed);
    CHECK(seen(w).rate == doctest::Approx(50.0 / 8));
    CHECK(w.run().size() <= 6);
    CHECK(w.pass(10s).size() > 50);
    CHECK(seen(w).rate == doctest::Approx(50));
  }

  TEST_CASE("an hour of outage costs few attempts however many instances are due") {
    broken_world w;
    for (unsigned n = 201; n <= 900; ++n) w.engine().add(key_of(n), 0, w.now);
    unsigned attempts = 0;
    for (int second = 0; second < 3'600; ++second) {
      for (auto const& one : w.pass(1s)) {
        w.finish(one, transient());
        ++attempts;
      }
    }
    CHECK(attempts >= 60);   // one a minute at least
    CHECK(attempts <= 130);  // half a minute apart on the way there
  }

  TEST_CASE("while callers wait, the upstream's return is noticed within ten seconds") {
    broken_world w;
    for (int second = 0; second < 1'800; ++second) {
      if (second % 4 == 0) w.ask(key_of(101 + static_cast<unsigned>(second % 5)), 5s);
      for (auto const& one : w.pass(1s)) w.finish(one, transient());
    }
    auto const back = w.now;
    for (int tenth = 0; tenth < 200 && seen(w).breaker != breaker_state::closed; ++tenth) {
      if (tenth % 10 == 0) w.ask(key_of(101), 5s);
      for (auto const& one : w.pass(100ms)) w.finish(one, w.token());
    }
    CHECK(seen(w).breaker == breaker_state::closed);
    CHECK(w.now - back <= 10s);
  }

  TEST_CASE("one instance that callers insist on cannot keep the breaker open for all") {
    broken_world w;
    w.engine().add(key_of(301), 0, w.now);
    for (int tenth = 0; tenth < 600 && seen(w).breaker != breaker_state::closed; ++tenth) {
      w.ask(key_of(101), 5s);  // always the most urgent, and always failing
      for (auto const& one : w.pass(100ms)) {
        bool const poisoned = one.key == key_of(101);
        w.finish(one, poisoned ? flight_result{transient()} : flight_result{w.token()});
      }
    }
    CHECK(seen(w).breaker == breaker_state::closed);
  }

  TEST_CASE("an instance that fails alone leaves the others alone") {
    engine_world w;
    for (unsigned n = 1; n <= 5; ++n) w.warm(key_of(n), 100s);
    w.engine().add(key_of(9), 0, w.now);
    unsigned failures = 0;
    for (int second = 0; second < 3'600; ++second) {
      w.ask(key_of(9), 5s);
      for (auto const& one : w.pass(1s)) {
        bool const poisoned = one.key == key_of(9);
        failures += poisoned ? 1 : 0;
        w.finish(one, poisoned ? flight_result{transient()} : flight_result{w.token(100s)});
      }
      for (unsigned n = 1; n <= 5; ++n) {
        REQUIRE(w.engine().usable(key_of(n), {}, w.now).has_value());
      }
    }
    CHECK(failures > 300);
    CHECK(seen(w).breaker == breaker_state::closed);
  }

  TEST_CASE("a removed instance's probe does not leave the breaker stuck") {
    broken_world w;
    auto const probe = w.pass(5s);
    REQUIRE(probe.size() == 1);
    w.engine().remove(probe[0].key);
    w.finish(probe[0], transient());
    CHECK(w.pass(60s).size() == 1);
  }

  TEST_CASE("five registered instances newly blocked in a row make the app suspected") {
    engine_world w;
    for (unsigned n = 1; n <= 10; ++n) w.engine().add(key_of(n), 0, w.now);
    w.warm(key_of(50));
    auto const flights = w.run();
    auto const waiter = w.ask(key_of(60), 0s);
    static_cast<void>(waiter);
    for (unsigned n = 1; n <= 5; ++n) {
      w.engine().drop_token(key_of(n), w.now);
    }
    for (auto const& one : w.run()) {
      w.finish(one, failed(failure_class::instance_blocked, "invalid_grant"));
    }
    REQUIRE(seen(w).suspected);
    CHECK(seen(w).refusal != nullptr);
    CHECK(w.engine().usable(key_of(50), {}, w.now).has_value());
    w.engine().add(key_of(70), 0, w.now);
    auto const refused = std::get<refusal>(w.ask(key_of(70)));
    CHECK(refused.reason == refusal_reason::app_refused);

    auto const probe = w.pass(60s);
    REQUIRE(probe.size() == 1);
    w.finish(probe[0], w.token());
    CHECK_FALSE(seen(w).suspected);
    CHECK(w.run().size() >= 5);  // those that were blocked under suspicion get another try
  }

  TEST_CASE("made-up instance ids of a caller do not make the app suspected") {
    engine_world w;
    for (unsigned n = 1; n <= 15; ++n) {
      CHECK_FALSE(w.engine().create_on_demand(key_of(n), {1000, 0}, 0, w.now).has_value());
      w.ask(key_of(n));
    }
    for (auto const& one : w.run()) {
      w.finish(one, failed(failure_class::instance_blocked, "not_found"));
    }
    CHECK_FALSE(seen(w).suspected);
  }

  TEST_CASE("each app has a breaker of its own") {
    engine_world w;
    w.apps = {test::unhurried(), test::unhurried()};
    for (unsigned n = 1; n <= 5; ++n) w.engine().add(key_of(n, 0), 0, w.now);
    for (auto const& one : w.run()) w.finish(one, transient());
    CHECK(seen(w).breaker == breaker_state::open);
    for (unsigned n = 1; n <= 5; ++n) w.engine().add(key_of(n, 1), 0, w.now);
    CHECK(w.run().size() == 5);
  }

  TEST_CASE("instances that stay blocked raise no suspicion again and again") {
    engine_world w;
    for (unsigned n = 200; n < 230; ++n) w.warm(key_of(n), 10min);
    for (unsigned n = 1; n <= 5; ++n) w.engine().add(key_of(n), 0, w.now);
    unsigned suspected_seconds = 0;
    unsigned attempts_at_the_dead = 0;
    for (int second = 0; second < 3'600; ++second) {
      for (auto const& one : w.pass(1s)) {
        bool const dead = one.key <= key_of(5);
        attempts_at_the_dead += dead ? 1 : 0;
        w.finish(one, dead ? flight_result{failed(failure_class::instance_blocked)}
                           : flight_result{w.token(10min)});
      }
      if (seen(w).suspected) ++suspected_seconds;
    }
    CHECK(suspected_seconds >= 50);
    CHECK(suspected_seconds <= 130);
    CHECK(attempts_at_the_dead <= 25);
  }

  TEST_CASE("a refusal that is cured is noticed though nobody asks any more") {
    for (auto const how : {keep_warm::all, keep_warm::none}) {
      engine_world w;
      w.apps[0].warm = how;
      CHECK_FALSE(w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now).has_value());
      w.ask(key_of(1));
      w.finish(w.run().at(0), failed(failure_class::app_refused, "invalid_client"));
      CHECK(seen(w).refusal != nullptr);
      auto const refused_at = w.now;
      while (seen(w).refusal != nullptr && w.now < refused_at + 1h) {
        for (auto const& one : w.pass(1s)) w.finish(one, w.token());
      }
      CHECK(w.now - refused_at <= 6min);
    }
  }

  TEST_CASE("a suspicion about an app of which all are blocked is looked into every ten minutes") {
    engine_world w;
    for (unsigned n = 1; n <= 5; ++n) w.engine().add(key_of(n), 0, w.now);
    unsigned attempts = 0;
    for (int minute = 0; minute < 120; ++minute) {
      for (auto const& one : w.pass(1min)) {
        w.finish(one, failed(failure_class::instance_blocked));
        ++attempts;
      }
    }
    CHECK(seen(w).suspected);
    CHECK(attempts >= 5 + 12);
    CHECK(attempts <= 5 + 20);
  }

  TEST_CASE("made-up ids cannot have all probes of a refused app") {
    engine_world w;
    w.warm(key_of(1), 10min);
    w.engine().add(key_of(2), 0, w.now);
    w.finish(w.run().at(0), failed(failure_class::app_refused));
    auto const start = w.now;
    for (unsigned n = 0; seen(w).refusal != nullptr && w.now < start + 1h; ++n) {
      w.now = std::max(w.now + 1s, w.engine().wake_at() == never ? w.now : w.engine().wake_at());
      static_cast<void>(w.engine().create_on_demand(key_of(1'000 + n), {1000, 0}, 0, w.now));
      w.ask(key_of(1'000 + n), 50ms);
      for (auto const& one : w.run()) {
        w.finish(one, one.key < key_of(1'000)
                          ? flight_result{w.token()}
                          : flight_result{failed(failure_class::instance_blocked)});
      }
    }
    CHECK(seen(w).refusal == nullptr);
  }

  TEST_CASE("made-up ids that fail do not open the breaker") {
    engine_world w;
    for (unsigned n = 1; n <= 15; ++n) {
      static_cast<void>(w.engine().create_on_demand(key_of(n), {1000, 0}, 0, w.now));
      w.ask(key_of(n));
    }
    for (auto const& one : w.run()) w.finish(one, transient());
    CHECK(seen(w).breaker == breaker_state::closed);
  }
}
