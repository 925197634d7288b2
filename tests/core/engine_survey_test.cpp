#include "support/engine_world.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace wixtokend;
using namespace wixtokend::core;
using test::engine_world;
using test::failed;
using test::key_of;

namespace {

std::vector<app_survey> look(engine_world& w, std::size_t at_once = 1'000) {
  std::vector<app_survey> found{w.apps.size()};
  slot_number slot = 0;
  while (slot < w.engine().slots_end()) slot = w.engine().survey(slot, at_once, found, w.now);
  return found;
}

std::size_t in_state(app_survey const& app, instance_state state) {
  return app.by_state.at(static_cast<std::size_t>(state));
}

}  // namespace

TEST_SUITE("core.engine_survey") {
  TEST_CASE("it counts what the views say, app by app, however many it looks at at once") {
    engine_world w;
    w.apps.push_back(test::unhurried());
    for (unsigned n = 1; n <= 7; ++n) w.warm(key_of(n));
    w.warm(key_of(1, 1), 2h);
    w.engine().remove(key_of(3));
    w.engine().add(key_of(8), 0, w.now);
    w.finish(w.run().at(0), failed(failure_class::instance_blocked));

    for (std::size_t const at_once : {1U, 3U, 100U}) {
      auto const found = look(w, at_once);
      CHECK(in_state(found[0], instance_state::warm) == 6);
      CHECK(in_state(found[0], instance_state::blocked) == 1);
      CHECK(found[0].usable.count() == 6);
      CHECK(in_state(found[1], instance_state::warm) == 1);
      CHECK(found[1].shortest ==
            w.engine().view(key_of(1, 1), w.now)->usable_until.value() - w.now);
      CHECK(found[1].usable.quantile(1).value() <= *found[1].shortest);
    }
  }

  TEST_CASE("nothing is overdue while refreshes go out, and what waits for budget is") {
    engine_world w;
    w.warm(key_of(1));
    CHECK(look(w)[0].overdue == 0);
    auto const refresh_at = w.engine().usable(key_of(1), {}, w.now).value().refresh_at;
    w.now = refresh_at + 90s;  // nobody has asked the engine meanwhile
    auto const found = look(w)[0];
    CHECK(found.overdue == 1);
    CHECK(found.overdue_most == 90s);
    for (auto const& flight : w.run()) w.finish(flight, w.token());
    CHECK(look(w)[0].overdue == 0);
  }

  TEST_CASE("instances that nobody keeps warm count in no outage") {
    engine_world w;
    w.apps[0].warm = keep_warm::none;
    w.warm(key_of(1));
    w.ask(key_of(1));
    for (auto const& flight : w.run()) w.finish(flight, w.token());
    auto const found = look(w)[0];
    CHECK(in_state(found, instance_state::warm) == 1);
    CHECK(found.usable.count() == 0);
    CHECK_FALSE(found.shortest.has_value());
  }
}
