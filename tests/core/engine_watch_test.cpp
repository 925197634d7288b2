// Callers that have a token and wait for the next one.

#include "core/engine.hpp"
#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <variant>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

namespace {

using watch_answer = std::variant<waiter_id, refusal>;

watch_answer watch(engine_world& w, generation_number has, duration length = 60s,
                   duration min_valid = {}) {
  return w.engine().watch(key_of(1), {.min_valid = min_valid, .newer_than = has}, {},
                          w.now + length, w.now);
}

refusal_reason refused(watch_answer const& answer) {
  return std::get<refusal>(answer).reason;
}

// Whether a watcher has been told something since the last look.
std::optional<completion> ended(engine_world& w, watch_answer const& answer) {
  for (auto const& one : w.completed) {
    if (one.waiter == std::get<waiter_id>(answer)) return one;
  }
  return std::nullopt;
}

std::optional<instant> next_attempt(engine_world& w) {
  return w.engine().view(key_of(1), w.now).value().next_attempt_at;
}

}  // namespace

TEST_SUITE("core.engine_watch") {
  TEST_CASE("all watchers can be told to look again") {
    engine_world w;
    auto const has = w.warm(key_of(1));
    auto const first = watch(w, has);
    auto const second = watch(w, has);
    w.engine().end_watches();
    CHECK(w.run().empty());
    for (auto const& one : {first, second}) {
      REQUIRE(ended(w, one).has_value());
      CHECK_FALSE(ended(w, one)->refused.has_value());
    }
    CHECK(w.engine().waiters() == 0);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("a watch demands nothing and ends with the next generation") {
    engine_world w;
    auto const has = w.warm(key_of(1));
    auto const planned = next_attempt(w);
    auto const watcher = watch(w, has, 4h);
    CHECK(w.run().empty());
    CHECK(next_attempt(w) == planned);
    auto const flights = w.pass(*planned - w.now);
    REQUIRE(flights.size() == 1);
    CHECK_FALSE(ended(w, watcher).has_value());
    w.finish(flights.front(), w.token());
    REQUIRE(ended(w, watcher).has_value());
    CHECK_FALSE(ended(w, watcher)->refused.has_value());
    CHECK(w.engine().waiters() == 0);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("ten thousand watchers take one wake-up and are told in one pass") {
    engine_world w;
    auto const has = w.warm(key_of(1));
    auto const before = w.engine().wake_at();
    for (int i = 0; i < 10'000; ++i) watch(w, has, 60s + std::chrono::milliseconds{i});
    CHECK(w.engine().waiters() == 10'000);
    CHECK(w.engine().wake_at() == w.now + 60s);
    CHECK(w.engine().wake_at() <= before);
    CHECK(w.engine().inconsistency(w.now).empty());
    CHECK(w.engine().reject(key_of(1), has, {}, w.now) == rejection::replacing);
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    CHECK(w.completed.empty());
    w.finish(flights.front(), w.token());
    CHECK(w.completed.size() == 10'000);
    CHECK(w.engine().waiters() == 0);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("a watch ends at its deadline, and has nothing to complain of") {
    engine_world w;
    auto const has = w.warm(key_of(1));
    auto const watcher = watch(w, has, 10s);
    w.pass(10s - 1ns);
    CHECK_FALSE(ended(w, watcher).has_value());
    w.pass(1ns);
    REQUIRE(ended(w, watcher).has_value());
    CHECK_FALSE(ended(w, watcher)->refused.has_value());
  }

  TEST_CASE("a watch lasts no longer than its token can be handed out") {
    engine_world w;
    auto const has = w.warm(key_of(1), 20s);  // margin 5 s
    for (auto const& flight : w.pass(14s)) {
      w.finish(flight, failed(failure_class::transient));
    }
    auto const by_life = watch(w, has);
    auto const by_need = watch(w, has, 60s, 1s - 1ns);
    CHECK(refused(watch(w, has, 60s, 1s + 1ns)) == refusal_reason::wait_ended);
    w.pass(1ns);
    CHECK_FALSE(ended(w, by_need).has_value());
    w.pass(1ns);
    CHECK(ended(w, by_need).has_value());
    w.pass(1s - 3ns);
    CHECK_FALSE(ended(w, by_life).has_value());
    w.pass(1ns);
    CHECK(ended(w, by_life).has_value());
  }

  TEST_CASE("there is nothing to wait for once the token is another one, or gone") {
    engine_world w;
    auto const has = w.warm(key_of(1));
    CHECK(refused(watch(w, has - 1)) == refusal_reason::wait_ended);
    CHECK(refused(watch(w, has, 0s)) == refusal_reason::wait_ended);
    auto const watcher = watch(w, has);
    w.engine().drop_token(key_of(1), w.now);
    auto const flights = w.run();
    CHECK(flights.size() == 1);
    REQUIRE(ended(w, watcher).has_value());
    CHECK_FALSE(ended(w, watcher)->refused.has_value());
    CHECK(refused(watch(w, has)) == refusal_reason::wait_ended);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("failures, blocks and a refused app leave a watcher alone while its token is usable") {
    for (auto const kind : {failure_class::transient, failure_class::throttled,
                            failure_class::instance_blocked, failure_class::app_refused}) {
      engine_world w;
      auto const has = w.warm(key_of(1));
      auto const watcher = watch(w, has);
      w.engine().reject(key_of(1), has, {}, w.now);
      for (auto const& flight : w.run()) w.finish(flight, failed(kind));
      w.run();
      CHECK_FALSE(ended(w, watcher).has_value());
      CHECK(w.engine().inconsistency(w.now).empty());
    }
  }

  TEST_CASE("the same token again is no news") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto const bytes = [&w] { return minted{secret{"same"}, w.now, w.now + 4h, false, {}}; };
    for (auto const& flight : w.run()) w.finish(flight, bytes());
    auto const has = w.engine().view(key_of(1), w.now)->generation;
    auto const watcher = watch(w, has);
    w.engine().reject(key_of(1), has, {}, w.now);
    for (auto const& flight : w.run()) w.finish(flight, bytes());
    CHECK_FALSE(ended(w, watcher).has_value());
  }

  TEST_CASE("removal and the end of the engine are told") {
    engine_world w;
    auto const has = w.warm(key_of(1));
    auto const first = watch(w, has);
    w.engine().remove(key_of(1));
    w.run();
    CHECK(ended(w, first)->refused->reason == refusal_reason::unknown_instance);
    CHECK(refused(watch(w, has)) == refusal_reason::unknown_instance);

    auto const again = w.warm(key_of(1));
    auto const second = watch(w, again);
    w.engine().stop();
    w.run();
    CHECK(ended(w, second)->refused->reason == refusal_reason::stopping);
    CHECK(refused(watch(w, again)) == refusal_reason::stopping);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("watchers and those who wait for a token do not disturb each other") {
    engine_world w;
    auto const has = w.warm(key_of(1));
    auto const watcher = watch(w, has);
    auto const caller = w.ask(key_of(1), 5s, {.min_valid = {}, .newer_than = has});
    auto const other = watch(w, has);
    CHECK(w.engine().view(key_of(1), w.now)->waiters == 1);
    CHECK(w.engine().inconsistency(w.now).empty());
    w.engine().abandon(std::get<waiter_id>(watcher), w.now);
    w.engine().abandon(std::get<waiter_id>(watcher), w.now);
    CHECK(w.engine().waiters() == 2);
    auto const flights = w.run();
    REQUIRE(flights.size() == 1);
    w.now += 1s;  // the new token lives longer
    w.finish(flights.front(), w.token());
    CHECK_FALSE(ended(w, watcher).has_value());
    CHECK_FALSE(w.of(caller).refused.has_value());
    CHECK(ended(w, other).has_value());
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("a watched instance is in use: kept warm, and not evicted") {
    engine_world w;
    w.apps.front().warm = keep_warm::used;
    w.apps.front().idle_after = 60s;
    w.policy.instances_max = 1;
    REQUIRE_FALSE(w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now).has_value());
    w.ask(key_of(1));
    for (auto const& one : w.run()) w.finish(one, w.token());
    auto const has = w.engine().view(key_of(1), w.now)->generation;
    auto const watcher = watch(w, has, 4h);

    CHECK_FALSE(w.engine().add(key_of(2), 0, w.now + 1h).has_value());
    auto const flights = w.pass(4h - 61s);
    REQUIRE(flights.size() == 1);  // long after anybody has asked
    w.finish(flights.front(), w.token());
    CHECK(ended(w, watcher).has_value());
    CHECK(w.engine().view(key_of(1), w.now)->last_used == w.now);  // until then

    CHECK(w.engine().add(key_of(2), 0, w.now) == true);
    CHECK_FALSE(w.engine().view(key_of(1), w.now).has_value());
    CHECK(w.engine().inconsistency(w.now).empty());
  }
}
