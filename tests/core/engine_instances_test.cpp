// Which instances there are: eviction, restoring, other policies, removal.

#include "core/engine.hpp"
#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

namespace {

// An on-demand instance that has got its token, and was used just now.
void on_demand(engine_world& w, unsigned n, std::uint32_t uid = 1000) {
  REQUIRE_FALSE(w.engine().create_on_demand(key_of(n), {uid, 0}, 0, w.now).has_value());
  w.ask(key_of(n));
  for (auto const& one : w.run()) w.finish(one, w.token());
  w.now += 1s;
}

bool known(engine_world& w, unsigned n) {
  return w.engine().view(key_of(n), w.now).has_value();
}

app_view app_of(engine_world& w) {
  return w.engine().app_view_at(app_number{0}, w.now);
}

saved_instance restored(unsigned n, instant now, duration age = 1h) {
  saved_instance out;
  out.key = key_of(n);
  out.registered = true;
  out.generation = 7;
  out.token = {secret{"restored-" + std::to_string(n)}, now - age, now - age + 4h, false};
  out.refresh_at = now - age + 3h;
  return out;
}

}  // namespace

TEST_SUITE("core.engine_instances") {
  TEST_CASE("beyond the bound the longest unused on-demand instance goes") {
    engine_world w;
    w.policy.instances_max = 3;
    for (unsigned n = 1; n <= 3; ++n) on_demand(w, n);
    w.ask(key_of(1));  // used again: now 2 is the longest unused
    on_demand(w, 4);
    CHECK(known(w, 1));
    CHECK_FALSE(known(w, 2));
    CHECK(known(w, 4));
    on_demand(w, 5);
    CHECK_FALSE(known(w, 3));
    CHECK(w.engine().size() == 3);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("registered instances are never evicted, and one more is refused") {
    engine_world w;
    w.policy.instances_max = 2;
    w.engine().add(key_of(1), 0, w.now);
    on_demand(w, 2);
    CHECK(w.engine().add(key_of(3), 0, w.now) == true);  // the on-demand one makes room
    CHECK_FALSE(known(w, 2));
    CHECK_FALSE(w.engine().add(key_of(4), 0, w.now).has_value());
    CHECK(known(w, 1));
    CHECK(known(w, 3));
  }

  TEST_CASE("without room a proven instance is served, but stays on probation") {
    engine_world w;
    w.policy.instances_max = 1;
    w.engine().add(key_of(1), 0, w.now);
    on_demand(w, 2);
    CHECK(w.engine().usable(key_of(2), {}, w.now).has_value());
    CHECK(w.engine().inconsistency(w.now).empty());
    for (int hour = 0; hour < 24; ++hour) {
      for (auto const& one : w.pass(1h)) w.finish(one, w.token());
    }
    CHECK_FALSE(known(w, 2));  // nobody asked any more
  }

  TEST_CASE("an evicted instance that comes back has a later generation") {
    engine_world w;
    w.policy.instances_max = 1;
    on_demand(w, 1);
    auto const before = w.engine().view(key_of(1), w.now).value().generation;
    on_demand(w, 2);
    on_demand(w, 1);
    CHECK(w.engine().view(key_of(1), w.now).value().generation > before);
  }

  TEST_CASE("registering an on-demand instance takes it out of the order of eviction") {
    engine_world w;
    w.policy.instances_max = 2;
    on_demand(w, 1);
    on_demand(w, 2);
    CHECK(w.engine().add(key_of(1), 0, w.now) == true);
    on_demand(w, 3);
    CHECK(known(w, 1));
    CHECK_FALSE(known(w, 2));
  }

  TEST_CASE("a restored token is served as it was, and refreshed when it was going to be") {
    engine_world w;
    auto const planned = w.now + 2h;
    CHECK(w.engine().restore(restored(1, w.now), 0, w.now));
    auto const seen = w.engine().usable(key_of(1), {}, w.now).value();
    CHECK(seen.generation == 7);
    CHECK(seen.refresh_at == planned);
    CHECK(w.run().empty());
    CHECK(w.pass(2h - 1ns).empty());
    auto const flights = w.pass(1ns);
    REQUIRE(flights.size() == 1);
    w.finish(flights[0], w.token());
    auto const next = w.engine().view(key_of(1), w.now).value().generation;
    CHECK(next == engine_world::start_floor);  // above all that another life may have given out
    CHECK_FALSE(w.engine().restore(restored(1, w.now), 0, w.now));
  }

  TEST_CASE("a restored token that has ended leaves its generation behind") {
    engine_world w;
    CHECK(w.engine().restore(restored(1, w.now, 5h), 0, w.now));
    CHECK_FALSE(w.engine().usable(key_of(1), {}, w.now).has_value());
    CHECK(w.engine().view(key_of(1), w.now).value().generation == 7);
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("a hundred thousand restored instances cause no attempt") {
    engine_world w;
    for (unsigned n = 0; n < 100'000; ++n) w.engine().restore(restored(n, w.now), 0, w.now);
    CHECK(w.run().empty());
    CHECK(w.engine().wake_at() == w.now + 2h);
    auto const seen = app_of(w);
    CHECK(seen.kept_warm == 100'000);
    CHECK(seen.usable == 100'000);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("the totals follow tokens that lapse, whatever keeps them from being refreshed") {
    engine_world w;
    for (unsigned n = 1; n <= 10; ++n) w.warm(key_of(n));
    CHECK(app_of(w).usable == 10);
    w.pass(4h);  // flights start, and never end
    for (unsigned n = 20; n < 25; ++n) w.engine().add(key_of(n), 0, w.now);
    CHECK(app_of(w).kept_warm == 15);
    for (unsigned n = 1; n <= 10; ++n) {
      CHECK_FALSE(w.engine().usable(key_of(n), {}, w.now).has_value());
    }
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("another policy holds at once, and changes no refresh instant that was drawn") {
    engine_world w;
    w.apps[0].warm = keep_warm::none;
    for (unsigned n = 1; n <= 5; ++n) w.engine().add(key_of(n), 0, w.now);
    CHECK(w.run().empty());
    auto policy = w.apps[0];
    policy.warm = keep_warm::all;
    w.engine().configure(app_number{0}, policy, w.now);
    for (auto const& one : w.run()) w.finish(one, w.token());
    auto const drawn = w.engine().usable(key_of(1), {}, w.now).value().refresh_at;
    CHECK(app_of(w).usable == 5);

    policy.resilience = resilience::max;
    policy.requests_per_second_max = 5;
    policy.requests_per_second = std::nullopt;
    w.engine().configure(app_number{0}, policy, w.now);
    CHECK(w.engine().usable(key_of(1), {}, w.now).value().refresh_at == drawn);
    auto const seen = app_of(w);
    CHECK(seen.ceiling == doctest::Approx(5));
    CHECK(seen.demand > 5 / 10'000.0);  // more is refreshed earlier

    policy.warm = keep_warm::none;
    w.engine().configure(app_number{0}, policy, w.now);
    CHECK(app_of(w).kept_warm == 0);
    CHECK(w.pass(8h).empty());
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("a Retry-After outlives the removal of its instance") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.engine().add(key_of(2), 0, w.now);
    auto const flights = w.run();
    w.finish(flights[0], failed(failure_class::throttled, "429", 10min));
    w.finish(flights[1], w.token());
    w.engine().remove(flights[0].key);
    w.engine().add(flights[0].key, 0, w.now);
    CHECK(w.pass(10min - 1ns).empty());
    CHECK(w.pass(1ns).size() == 1);
  }

  TEST_CASE("registering again clears what blocks an instance") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.finish(w.run().at(0), failed(failure_class::instance_blocked, "invalid_grant"));
    w.engine().add(key_of(2), 0, w.now);
    for (auto const& one : w.run()) w.finish(one, w.token());
    CHECK(w.run().empty());
    CHECK(w.engine().add(key_of(1), 0, w.now) == false);
    CHECK(w.run().size() == 1);
  }

  TEST_CASE("a demand on a life that was never seen is not impossible") {
    engine_world w;
    CHECK(w.engine().restore(restored(1, w.now, 5h), 0, w.now));
    CHECK(std::holds_alternative<waiter_id>(w.ask(key_of(1), 5s, {10min, 0})));
  }

  TEST_CASE("a failed refresh takes no token from an instance on probation") {
    engine_world w;
    w.policy.instances_max = 1;
    w.engine().add(key_of(1), 0, w.now);
    on_demand(w, 2);
    auto const until = w.engine().usable(key_of(2), {}, w.now).value().usable_until;
    while (w.now + 1min < until) {
      for (auto const& one : w.pass(1min)) {
        w.finish(one, one.key == key_of(2) ? flight_result{failed(failure_class::transient)}
                                           : flight_result{w.token()});
      }
      REQUIRE(w.engine().usable(key_of(2), {}, w.now).has_value());
    }
  }

  TEST_CASE("made-up ids that never got their turn are forgotten after five minutes") {
    engine_world w;
    for (unsigned n = 101; n <= 105; ++n) w.engine().add(key_of(n), 0, w.now);
    for (auto const& one : w.run()) w.finish(one, failed(failure_class::transient));
    for (unsigned n = 1'000; n < 4'000; ++n) {  // 25 minutes of them, in an outage
      CHECK_FALSE(w.engine().create_on_demand(key_of(n), {1000, 0}, 0, w.now).has_value());
      for (auto const& one : w.pass(500ms)) w.finish(one, failed(failure_class::transient));
    }
    CHECK(w.engine().size() < 5 + 700);
    CHECK(w.engine().inconsistency(w.now).empty());
  }

  TEST_CASE("making room takes a bounded number of steps, and takes one of the long unused") {
    engine_world w;
    w.policy.instances_max = 2'000;
    w.apps[0].warm = keep_warm::none;
    for (unsigned n = 0; n < 2'000; ++n) {
      auto one = restored(n, w.now);
      one.registered = false;
      one.last_used = w.now - 1h;
      REQUIRE(w.engine().restore(std::move(one), 0, w.now));
    }
    for (unsigned n = 0; n < 2'000; ++n) {  // all are used again, in turn
      w.now += 1ms;
      w.ask(key_of(n));
    }
    CHECK(w.engine().add(key_of(5'000), 0, w.now) == true);
    CHECK(w.engine().size() == 2'000);
    CHECK(known(w, 1'999));
    CHECK(w.engine().inconsistency(w.now).empty());
  }
}
