// Which mint goes first: callers, the living, the dead; and at which rate.

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

// One request a second, no burst: what goes first can be told one by one.
struct slow_world : engine_world {
  explicit slow_world(double per_second = 1) {
    apps[0].requests_per_second_max = per_second;
    apps[0].requests_per_second = per_second;
  }
};

std::vector<unsigned> numbers_of(std::vector<flight> const& flights) {
  std::vector<unsigned> numbers;
  for (auto const& one : flights) {
    for (unsigned n = 0; n < 300; ++n) {
      if (one.key == key_of(n)) numbers.push_back(n);
    }
  }
  return numbers;
}

// A token that ends at `left` from now on and is due already.
saved_instance due_token(unsigned n, duration left, instant now,
                         std::optional<instant> last_used = std::nullopt) {
  saved_instance known;
  known.key = key_of(n);
  known.registered = true;
  known.generation = n + 1;
  known.token = {secret{"restored-" + std::to_string(n)}, now - (4h - left), now + left, false};
  known.refresh_at = now - 1s;
  known.last_used = last_used;
  return known;
}

}  // namespace

TEST_SUITE("core.engine_lanes") {
  TEST_CASE("callers go first, then the living by their end, then the dead") {
    slow_world w;
    w.engine().restore(due_token(1, 110s, w.now), 0, w.now);
    w.engine().restore(due_token(2, 90s, w.now), 0, w.now);
    w.engine().restore(due_token(3, 100s, w.now), 0, w.now);
    w.engine().add(key_of(4), 0, w.now);
    w.engine().add(key_of(5), 0, w.now);
    w.ask(key_of(5), 60s);
    CHECK(numbers_of(w.pass(10s)) == std::vector<unsigned>{5, 2, 3, 1, 4});
  }

  TEST_CASE("the dead need not wait for living that have time to spare") {
    slow_world w;
    for (unsigned n = 1; n <= 30; ++n) {
      w.engine().restore(due_token(n, n * 1s + 3min, w.now), 0, w.now);
    }
    for (unsigned n = 100; n < 130; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const flights = numbers_of(w.pass(59s));
    REQUIRE(flights.size() == 60);
    // 121 s are left: 30 for the living, 60 kept aside, the rest is spare.
    CHECK(std::count_if(flights.begin(), flights.begin() + 30,
                        [](unsigned n) { return n >= 100; }) == 30);
  }

  TEST_CASE("of two tokens that end about together, the one in use goes first") {
    slow_world w;
    w.engine().restore(due_token(1, 1000s, w.now), 0, w.now);
    w.engine().restore(due_token(2, 1010s, w.now, w.now - 1min), 0, w.now);
    w.engine().restore(due_token(3, 1100s, w.now, w.now - 1min), 0, w.now);
    CHECK(numbers_of(w.pass(5s)) == std::vector<unsigned>{2, 1, 3});
  }

  TEST_CASE("of the dead, the one that was used last goes first") {
    slow_world w;
    for (unsigned n = 1; n <= 3; ++n) {
      auto dead = due_token(n, 1h, w.now, n == 3 ? std::nullopt : std::optional{w.now - n * 10min});
      dead.token = {};
      w.engine().restore(std::move(dead), 0, w.now);
    }
    CHECK(numbers_of(w.pass(5s)) == std::vector<unsigned>{1, 2, 3});
  }

  TEST_CASE("the dead get only what the living leave: no domino under overload") {
    slow_world w;
    for (unsigned n = 1; n <= 60; ++n) {
      w.engine().restore(due_token(n, n * 2s + 61s, w.now), 0, w.now);
    }
    for (unsigned n = 100; n <= 160; ++n) w.engine().add(key_of(n), 0, w.now);
    unsigned lapsed = 0;
    for (auto const n : numbers_of(w.pass(60s))) lapsed += n >= 100 ? 1 : 0;
    CHECK(lapsed <= 1);
  }

  TEST_CASE("against tokens about to lapse callers keep every second turn") {
    slow_world w;
    for (unsigned n = 1; n <= 40; ++n) {
      w.engine().restore(due_token(n, 5min + n * 1s, w.now), 0, w.now);
    }
    for (unsigned n = 100; n < 140; ++n) {
      w.engine().add(key_of(n), 0, w.now);
      w.ask(key_of(n), 60s);
    }
    unsigned callers = 0;
    auto const flights = numbers_of(w.pass(39s));
    REQUIRE(flights.size() == 40);
    for (auto const n : flights) callers += n >= 100 ? 1 : 0;
    CHECK(callers == 20);
  }

  TEST_CASE("tokens with time left let all callers go first") {
    slow_world w;
    for (unsigned n = 1; n <= 40; ++n) {
      w.engine().restore(due_token(n, 40min, w.now), 0, w.now);
    }
    for (unsigned n = 100; n < 130; ++n) {
      w.engine().add(key_of(n), 0, w.now);
      w.ask(key_of(n), 60s);
    }
    auto const flights = numbers_of(w.pass(29s));
    CHECK(std::count_if(flights.begin(), flights.end(), [](unsigned n) { return n >= 100; }) == 30);
  }

  TEST_CASE("a caller on a second socket is not held up by hundreds on the first") {
    slow_world w{10};
    for (unsigned n = 1; n <= 200; ++n) {
      w.engine().add(key_of(n), 0, w.now);
      w.ask(key_of(n), 60s, {}, peer_id{1000, 0});
    }
    w.pass(3s);
    w.engine().add(key_of(250), 0, w.now);
    w.ask(key_of(250), 60s, {}, peer_id{1000, 1});
    auto const next = numbers_of(w.pass(300ms));
    CHECK(std::count(next.begin(), next.end(), 250) == 1);
  }

  TEST_CASE("a demand for more than is usable does not push aside callers with nothing") {
    slow_world w;
    w.warm(key_of(1));
    w.pass(10s);
    auto const generation = w.engine().view(key_of(1), w.now).value().generation;
    w.engine().reject(key_of(1), generation, {}, w.now);
    w.ask(key_of(1), 60s, {duration{}, generation});
    w.engine().add(key_of(2), 0, w.now);
    w.ask(key_of(2), 60s);
    CHECK(numbers_of(w.pass(3s)) == std::vector<unsigned>{2, 1});
  }

  TEST_CASE("instances that nobody waits for get twice the demand, five a second at least") {
    engine_world w;
    w.apps = {app_policy{}};
    for (unsigned n = 0; n < 40; ++n) w.engine().add(key_of(n), 0, w.now);
    CHECK(w.engine().app_view_at(app_number{0}, w.now).background_rate == doctest::Approx(5));
    CHECK(w.run().size() == 5);
    CHECK(w.pass(2s).size() == 10);
    w.engine().add(key_of(50), 0, w.now);
    w.ask(key_of(50));
    CHECK(w.run().size() == 1);  // a caller may use the whole ceiling

    engine_world many;
    many.apps = {app_policy{}};
    for (unsigned n = 0; n < 100'000; ++n) many.engine().add(key_of(n), 0, many.now);
    auto const seen = many.engine().app_view_at(app_number{0}, many.now);
    CHECK(seen.demand == doctest::Approx(100'000 / 10'800.0).epsilon(0.001));
    CHECK(seen.background_rate == doctest::Approx(200'000 / 10'800.0).epsilon(0.001));
    CHECK_FALSE(seen.overloaded());
  }

  TEST_CASE("more demand than fits is known") {
    engine_world w;
    w.apps[0].requests_per_second_max = 1;
    w.apps[0].requests_per_second = std::nullopt;
    for (unsigned n = 0; n < 9'000; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const seen = w.engine().app_view_at(app_number{0}, w.now);
    CHECK(seen.overloaded());
    CHECK(seen.background_rate == doctest::Approx(1));
  }

  TEST_CASE("a throttled endpoint pauses, and goes on at half the rate") {
    engine_world w;
    for (unsigned n = 1; n <= 250; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const flights = w.run();
    REQUIRE(flights.size() == 50);
    w.finish(flights[0], failed(failure_class::throttled, "429", 30s));
    CHECK(w.engine().app_view_at(app_number{0}, w.now).rate == doctest::Approx(50));
    w.finish(flights[1], failed(failure_class::throttled, "429", 30s));
    auto const seen = w.engine().app_view_at(app_number{0}, w.now);
    CHECK(seen.rate == doctest::Approx(25));
    CHECK(seen.paused_until == w.now + 30s);
    for (std::size_t i = 2; i < flights.size(); ++i) w.finish(flights[i], w.token());
    CHECK(w.pass(30s - 1ns).empty());
    CHECK(w.pass(1s).size() <= 33 + 33);  // 25 and what came back in 30 s, with one second's burst
  }

  TEST_CASE("one instance throttled twice does not hide that another was throttled before") {
    engine_world w;
    for (unsigned n = 1; n <= 20; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const flights = w.run();
    REQUIRE(flights.size() == 20);
    for (std::size_t i = 3; i < flights.size(); ++i) w.finish(flights[i], w.token());
    w.finish(flights[0], failed(failure_class::throttled, "429"));
    w.finish(flights[1], failed(failure_class::throttled, "429"));
    w.pass(4s);
    auto const again = failed(failure_class::throttled, "429", 60s);
    w.engine().remove(flights[1].key);
    CHECK_FALSE(w.engine().admit_request(flights[1].key, w.now).has_value());
    w.engine().request_ended(flights[1].key, &again, w.now);
    CHECK(w.engine().app_view_at(app_number{0}, w.now).paused_until == w.now + 60s);
  }

  TEST_CASE("without Retry-After a throttled endpoint pauses for a second") {
    engine_world w;
    for (unsigned n = 1; n <= 250; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const flights = w.run();
    w.finish(flights[0], failed(failure_class::throttled, "429"));
    w.finish(flights[1], failed(failure_class::throttled, "429"));
    for (std::size_t i = 2; i < flights.size(); ++i) w.finish(flights[i], w.token());
    CHECK(w.pass(1s - 1ns).empty());
    CHECK_FALSE(w.pass(1s).empty());
  }

  TEST_CASE("retries of blocked instances take a tenth of the rate in all") {
    slow_world w{10};
    w.policy.suspicion_row = 1'000;
    for (unsigned n = 1; n <= 100; ++n) w.engine().add(key_of(n), 0, w.now);
    for (unsigned blocked = 0; blocked < 100;) {
      for (auto const& one : w.pass(100ms)) {
        w.finish(one, failed(failure_class::instance_blocked, "invalid_grant"));
        ++blocked;
      }
    }
    w.pass(15min);
    CHECK(w.engine().app_view_at(app_number{0}, w.now).waiting() > 50);  // all are due by now
    CHECK(w.pass(20s).size() <= 21);
    for (unsigned n = 200; n < 220; ++n) w.engine().add(key_of(n), 0, w.now);
    auto const next = numbers_of(w.pass(3s));
    CHECK(std::count_if(next.begin(), next.end(), [](unsigned n) { return n >= 200; }) == 20);
  }
}
