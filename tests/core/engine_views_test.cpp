#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

TEST_SUITE("core.engine_views") {
  TEST_CASE("a view follows an instance from cold to warm, stale and lapsed") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    auto seen = w.engine().view(key_of(1), w.now).value();
    CHECK(seen.state == instance_state::cold);
    CHECK(seen.registered);
    CHECK(seen.generation == 0);
    CHECK_FALSE(seen.usable_until.has_value());
    CHECK(seen.scheduled == schedule_reason::due);

    auto const flight = w.run().at(0);
    CHECK(w.engine().view(key_of(1), w.now).value().scheduled == schedule_reason::in_flight);
    w.finish(flight, w.token(20s));
    seen = w.engine().view(key_of(1), w.now).value();
    CHECK(seen.state == instance_state::warm);
    CHECK(seen.minted_at == w.now);
    CHECK(seen.usable_until == w.now + 15s);
    CHECK(seen.expires_at == w.now + 20s);
    CHECK(seen.next_attempt_at == w.engine().wake_at());
    CHECK(seen.scheduled == schedule_reason::fraction_of_life);

    w.finish(w.pass(11s).at(0), failed(failure_class::transient, "http_503"));
    seen = w.engine().view(key_of(1), w.now).value();
    CHECK(seen.state == instance_state::stale);
    CHECK(seen.failures_in_row == 1);
    CHECK(seen.last_failure.value().code == "http_503");
    CHECK(seen.last_failure_at == w.now);
    CHECK(seen.scheduled == schedule_reason::backoff);

    w.now += 5s;
    CHECK(w.engine().view(key_of(1), w.now).value().state == instance_state::cold);
  }

  TEST_CASE("blocked instances and refused apps say so") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.engine().add(key_of(2), 0, w.now);
    auto const flights = w.run();
    w.finish(flights[0], failed(failure_class::instance_blocked));
    auto const blocked = w.engine().view(flights[0].key, w.now).value();
    CHECK(blocked.state == instance_state::blocked);
    CHECK(blocked.scheduled == schedule_reason::blocked);
    w.finish(flights[1], failed(failure_class::app_refused));
    auto const refused = w.engine().view(flights[1].key, w.now).value();
    CHECK(refused.state == instance_state::app_refused);
    CHECK(refused.next_attempt_at == w.now + 60s);  // the probe, not the instance's own backoff
  }

  TEST_CASE("what is due for a waiting caller is due now, not in the past") {
    engine_world w;
    w.engine().add(key_of(1), 0, w.now);
    w.now += 3s;
    w.ask(key_of(1));
    CHECK(w.engine().view(key_of(1), w.now).value().next_attempt_at == w.now);
  }

  TEST_CASE("free slots have no view, and an unknown key neither") {
    engine_world w;
    w.warm(key_of(1));
    w.warm(key_of(2));
    w.engine().remove(key_of(1));
    unsigned seen = 0;
    for (slot_number slot = 0; slot < w.engine().slots_end(); ++slot) {
      if (w.engine().view_at(slot, w.now)) ++seen;
    }
    CHECK(seen == 1);
    CHECK_FALSE(w.engine().view(key_of(1), w.now).has_value());
  }

  TEST_CASE("a dropped token leaves no times behind") {
    engine_world w;
    w.warm(key_of(1));
    w.engine().drop_token(key_of(1), w.now);
    auto const seen = w.engine().view(key_of(1), w.now).value();
    CHECK_FALSE(seen.usable_until.has_value());
    CHECK(seen.generation != 0);
  }
}
