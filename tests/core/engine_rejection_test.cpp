#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

TEST_SUITE("core.engine_rejection") {
  TEST_CASE("reports of one generation, however many, cause one mint") {
    engine_world w;
    auto const old = w.warm(key_of(1));
    CHECK(w.engine().reject(key_of(1), old, {}, w.now) == rejection::replacing);
    for (int i = 0; i < 1'000; ++i) {
      CHECK(w.engine().reject(key_of(1), old, {}, w.now) == rejection::replacing);
    }
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    CHECK(w.engine().reject(key_of(1), old, {}, w.now) == rejection::replacing);
    w.finish(flights[0], w.token());
    CHECK(w.run().empty());
    CHECK(w.engine().usable(key_of(1), {}, w.now).value().generation == old + 1);
    CHECK(w.engine().reject(key_of(1), old, {}, w.now) == rejection::superseded);
    CHECK(w.run().empty());
  }

  TEST_CASE("plain reads go on getting a rejected token, marked stale, until it is replaced") {
    engine_world w;
    auto const old = w.warm(key_of(1));
    w.engine().reject(key_of(1), old, {}, w.now);
    auto const flight = w.run().at(0);
    auto const meanwhile = w.ask(key_of(1));
    CHECK(std::get<token_view>(meanwhile).generation == old);
    CHECK(std::get<token_view>(meanwhile).stale);
    w.finish(flight, w.token());
    CHECK_FALSE(std::get<token_view>(w.ask(key_of(1))).stale);
  }

  TEST_CASE("who waits for a newer token never gets the rejected one") {
    engine_world w;
    auto const old = w.warm(key_of(1));
    w.engine().reject(key_of(1), old, {}, w.now);
    auto const reporter = w.ask(key_of(1), 5s, {duration{0}, old});
    REQUIRE(std::holds_alternative<waiter_id>(reporter));
    w.finish(w.run().at(0), failed(failure_class::transient));
    w.pass(5s);
    CHECK(w.of(reporter).refused.has_value());
    CHECK_FALSE(w.engine().usable(key_of(1), {duration{0}, old}, w.now).has_value());
    CHECK(w.engine().usable(key_of(1), {}, w.now).has_value());
  }

  TEST_CASE(
      "a replacement rejected too is held off for ten seconds, then twenty, up to ten minutes") {
    engine_world w;
    auto generation = w.warm(key_of(1));
    duration hold = 10s;
    CHECK(w.engine().reject(key_of(1), generation, {}, w.now) == rejection::replacing);
    for (int i = 0; i < 9; ++i) {
      w.finish(w.run().at(0), w.token());
      ++generation;
      w.pass(hold - 1ms);
      CHECK(w.engine().reject(key_of(1), generation, {}, w.now) == rejection::held_off);
      CHECK(w.engine().rejection_hold(key_of(1), {}, w.now) == 1ms);
      CHECK(w.run().empty());
      w.pass(1ms);
      CHECK(w.engine().reject(key_of(1), generation, {}, w.now) == rejection::replacing);
      hold = std::min(hold * 2, duration{10min});
    }
    CHECK(hold == 10min);
  }

  TEST_CASE("a rejected token that comes back unchanged costs one mint, and says so") {
    engine_world w;
    auto const old = w.warm(key_of(1), 4h);
    CHECK(w.engine().reject(key_of(1), old, {}, w.now) == rejection::replacing);
    auto const reporter = w.ask(key_of(1), 60s, {duration{0}, old});
    w.finish(w.run().at(0), minted{secret{"token-1"}, w.now, w.now + 4h, false});
    CHECK(w.of(reporter).refused.value().reason == refusal_reason::unavailable);
    for (int i = 0; i < 60; ++i) {
      CHECK(w.engine().reject(key_of(1), old, {}, w.now) == rejection::held_off);
      CHECK(w.engine().rejection_hold(key_of(1), {}, w.now) > 1h);
      CHECK(std::holds_alternative<refusal>(w.ask(key_of(1), 60s, {duration{0}, old})));
      CHECK(w.pass(1min).empty());
    }
    CHECK(w.pass(3h).size() == 1);  // its ordinary refresh
  }

  TEST_CASE("ten minutes without a report forget the hold-off") {
    engine_world w;
    auto generation = w.warm(key_of(1));
    for (int i = 0; i < 3; ++i) {
      CHECK(w.engine().reject(key_of(1), generation, {}, w.now) == rejection::replacing);
      w.finish(w.run().at(0), w.token());
      ++generation;
      w.pass(10min);
    }
    CHECK(w.engine().reject(key_of(1), generation, {}, w.now) == rejection::replacing);
    w.finish(w.run().at(0), w.token());
    w.pass(10s);
    CHECK(w.engine().reject(key_of(1), generation + 1, {}, w.now) == rejection::replacing);
  }

  TEST_CASE("rejections take at most a quarter of the rate") {
    engine_world w;
    w.apps[0].requests_per_second_max = 8;
    unsigned replacing = 0;
    for (unsigned n = 1; n <= 8; ++n) w.engine().add(key_of(n), 0, w.now);
    for (auto const& flight : w.pass(2s)) w.finish(flight, w.token());
    for (unsigned n = 1; n <= 8; ++n) {
      auto const generation = w.engine().view(key_of(n), w.now).value().generation;
      auto const verdict = w.engine().reject(key_of(n), generation, {n, 0}, w.now);
      if (verdict == rejection::replacing) ++replacing;
    }
    CHECK(replacing == 2);
  }

  TEST_CASE("one user on one socket takes at most half of what there is for rejections") {
    engine_world w;
    std::array<unsigned, 3> taken{};
    for (unsigned n = 1; n <= 60; ++n) w.warm(key_of(n));
    for (unsigned n = 1; n <= 60; ++n) {
      auto const generation = w.engine().view(key_of(n), w.now).value().generation;
      peer_id const peer{1000, static_cast<std::uint16_t>(n % 3)};
      auto const verdict = w.engine().reject(key_of(n), generation, peer, w.now);
      if (verdict == rejection::replacing) ++taken.at(n % 3);
    }
    CHECK(taken[0] + taken[1] + taken[2] == 12);  // a quarter of 50, a second's worth
    CHECK(*std::max_element(taken.begin(), taken.end()) <= 6);
  }

  TEST_CASE("reports without a usable token or for an unknown instance start nothing") {
    engine_world w;
    CHECK(w.engine().reject(key_of(1), 1, {}, w.now) == rejection::unknown_instance);
    auto const generation = w.warm(key_of(1), 20s);
    auto const flight = w.pass(11s).at(0);
    w.finish(flight, failed(failure_class::instance_blocked));
    w.pass(10s);
    CHECK(w.engine().reject(key_of(1), generation, {}, w.now) == rejection::no_token);
    CHECK(w.run().empty());
  }
}
