#include "core/engine.hpp"
#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace wixtokend;
using namespace wixtokend::core;
using namespace std::chrono_literals;
using test::engine_world;
using test::key_of;

namespace {

failure blocked() {
  return {failure_class::instance_blocked, 403, "forbidden", "no", "r-1", std::nullopt};
}

std::vector<engine::change> taken(engine_world& w, std::size_t max = 1'000) {
  return w.engine().take_changes(max, w.now);
}

}  // namespace

TEST_SUITE("core.engine_saving") {
  TEST_CASE("nothing is noted until somebody keeps it") {
    engine_world w;
    w.warm(key_of(1));
    CHECK(w.engine().changes_noted() == 0);
    CHECK(taken(w).empty());
  }

  TEST_CASE("each changed instance is given once, as it is when it is taken") {
    engine_world w;
    w.engine().note_changes();
    auto const generation = w.warm(key_of(1));
    CHECK(w.engine().view(key_of(1), w.now)->unkept);
    auto const changes = taken(w);
    REQUIRE(changes.size() == 1);
    auto const& state = changes[0].state.value();
    CHECK(state.registered);
    CHECK(state.generation == generation);
    CHECK_FALSE(state.token.token.empty());
    CHECK(taken(w).empty());
    CHECK(w.engine().changes_noted() == w.engine().changes_taken());

    CHECK(w.engine().view(key_of(1), w.now)->unkept);  // it is being written
    w.engine().saved(key_of(1));
    CHECK_FALSE(w.engine().view(key_of(1), w.now)->unkept);
  }

  TEST_CASE("what could not be written is given again") {
    engine_world w;
    w.engine().note_changes();
    w.engine().add(key_of(1), 0, w.now);
    CHECK(taken(w).size() == 1);
    w.engine().not_saved(key_of(1));
    CHECK(taken(w).size() == 1);
  }

  TEST_CASE("a removal is given as one, and so is what takes its place") {
    engine_world w;
    w.engine().note_changes();
    w.warm(key_of(1));
    CHECK(taken(w).size() == 1);
    w.engine().remove(key_of(1));
    auto gone = taken(w);
    REQUIRE(gone.size() == 1);
    CHECK_FALSE(gone[0].state.has_value());

    w.engine().add(key_of(1), 0, w.now);
    w.engine().remove(key_of(1));
    w.engine().add(key_of(1), 0, w.now);
    auto const again = taken(w);
    REQUIRE_FALSE(again.empty());
    CHECK(again.back().state.has_value());
  }

  TEST_CASE("what is on probation is not worth keeping, until its first token") {
    engine_world w;
    w.engine().note_changes();
    w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now);
    CHECK(taken(w).empty());
    w.finish(w.run().at(0), w.token());
    auto const changes = taken(w);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].state->registered);
  }

  TEST_CASE("a removal that could not be written is given again, whoever is on probation there") {
    engine_world w;
    w.warm(key_of(1));
    w.engine().note_changes();
    w.engine().remove(key_of(1));
    REQUIRE(taken(w).size() == 1);
    w.engine().create_on_demand(key_of(1), {1000, 0}, 0, w.now);
    w.engine().not_saved(key_of(1));
    auto const again = taken(w);
    REQUIRE(again.size() == 1);
    CHECK_FALSE(again[0].state.has_value());
  }

  TEST_CASE("a rejected or lapsed token is not kept, its generation is") {
    engine_world w;
    w.engine().note_changes();
    auto const generation = w.warm(key_of(1));
    w.engine().reject(key_of(1), generation, {1000, 0}, w.now);
    w.engine().note_change(key_of(1));
    auto const changes = taken(w);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].state->token.token.empty());
    CHECK(changes[0].state->generation == generation);
  }

  TEST_CASE("a use is worth writing down once in a while") {
    engine_world w;
    w.engine().note_changes();
    w.warm(key_of(1));
    static_cast<void>(taken(w));
    auto const noted = w.engine().changes_noted();
    for (int i = 0; i < 100; ++i) {
      w.now += 1s;
      w.ask(key_of(1));
    }
    CHECK(w.engine().changes_noted() == noted + 1);
  }

  TEST_CASE("whatever was saved comes back: token, generation, refresh instant, what blocks it") {
    engine_world before;
    before.engine().note_changes();
    for (unsigned n = 1; n <= 3; ++n) before.warm(key_of(n));
    before.engine().add(key_of(4), 0, before.now);
    before.finish(before.run().at(0), blocked());
    before.engine().announce_removal(key_of(2), before.now);
    std::map<instance_key, saved_instance> kept;
    for (auto& one : taken(before)) kept[one.key] = *std::move(one.state);
    REQUIRE(kept.size() == 4);

    engine_world after;
    after.now = before.now + 1s;
    auto const floor = static_cast<generation_number>(1) << 40U;
    for (auto& [key, state] : kept)
      CHECK(after.engine().restore(std::move(state), floor, after.now));
    for (unsigned n = 1; n <= 4; ++n) {
      auto const was = before.engine().view(key_of(n), before.now).value();
      auto const is = after.engine().view(key_of(n), after.now).value();
      CHECK(is.generation == was.generation);
      CHECK(is.usable_until == was.usable_until);
      CHECK(is.state == was.state);
      CHECK(is.registered == was.registered);
      CHECK(is.removal_announced == was.removal_announced);
      if (n != 2) CHECK(is.next_attempt_at == was.next_attempt_at);
    }
    auto const flights = after.run();
    REQUIRE(flights.size() == 1);  // to find out whether 2 was removed
    CHECK(flights[0].key == key_of(2));
    after.finish(flights[0], after.token());
    CHECK(after.engine().view(key_of(2), after.now)->generation >= floor);

    auto const answer = after.engine().request(key_of(4), {}, {1000, 0}, after.now + 5s, after.now);
    REQUIRE(std::holds_alternative<refusal>(answer));
    CHECK(std::get<refusal>(answer).reason == refusal_reason::instance_blocked);
    CHECK(std::get<refusal>(answer).upstream->request_id == "r-1");
    CHECK(after.engine().inconsistency(after.now).empty());
  }

  TEST_CASE("what the upstream asked of the app is obeyed after a restart as well") {
    engine_world before;
    for (unsigned n = 1; n <= 12; ++n) before.engine().add(key_of(n), 0, before.now);
    auto const flights = before.run();
    for (std::size_t i = 0; i < 2; ++i) {
      before.finish(flights.at(i), failure{failure_class::throttled, 429, "", "", "", 100s});
    }
    auto const kept = before.engine().save_app(app_number{0}, before.now);
    CHECK(kept.paused_until == before.now + 100s);
    CHECK(kept.rate > 0);

    engine_world after;
    after.now = before.now;
    after.engine().restore_app(kept, after.now);
    for (unsigned n = 1; n <= 12; ++n) after.engine().add(key_of(n), 0, after.now);
    CHECK(after.run().empty());
    CHECK(after.engine().app_view_at(app_number{0}, after.now).rate == doctest::Approx(kept.rate));
    after.now += 100s;
    CHECK_FALSE(after.run().empty());
  }

  TEST_CASE("an open breaker and a refusal of the app come back, with their next probe") {
    engine_world before;
    for (unsigned n = 1; n <= 8; ++n) before.engine().add(key_of(n), 0, before.now);
    for (auto const& flight : before.run()) {
      before.finish(flight, failure{failure_class::transient, 500, "", "", "", std::nullopt});
    }
    auto const open = before.engine().save_app(app_number{0}, before.now);
    CHECK(open.breaker_openings == 1);
    engine_world after;
    after.now = before.now;
    after.engine().restore_app(open, after.now);
    CHECK(after.engine().app_view_at(app_number{0}, after.now).breaker == breaker_state::open);

    engine_world refused;
    refused.engine().add(key_of(1), 0, refused.now);
    refused.finish(refused.run().at(0), failure{failure_class::app_refused, 401, "invalid_client",
                                                "", "", std::nullopt});
    auto const kept = refused.engine().save_app(app_number{0}, refused.now);
    engine_world later;
    later.now = refused.now;
    later.engine().restore_app(kept, later.now);
    REQUIRE(later.engine().app_refusal(app_number{0}) != nullptr);
    CHECK(later.engine().app_refusal(app_number{0})->code == "invalid_client");
    later.engine().add(key_of(1), 0, later.now);
    CHECK(later.run().empty());
    later.now += 60s;
    CHECK(later.run().size() == 1);
  }
}
