#include "store/store_world.hpp"

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;
using std::chrono::milliseconds;

core::generation_number ms(time_stamp const& at) {
  return static_cast<core::generation_number>(at.wall.time_since_epoch().count());
}

TEST_SUITE("store.sqlite_store_restart") {
  TEST_CASE("within a boot, the boot clock says how old everything is") {
    store_world w;
    REQUIRE(w.start() == "");
    auto one = instance_of(key_of(1), "token", w.at.now);
    one.trouble = core::saved_trouble{};
    one.trouble->not_before = w.at.now + 10min;
    REQUIRE(w.commit(change_of(std::move(one))).has_value());
    w.pass(60s);
    REQUIRE(w.put(2, "stamps the run anew").has_value());
    w.pass(30s);
    w.at.now = instant{17s};  // another process counts from elsewhere
    w.at.wall -= 1h;          // and the calendar was put back meanwhile
    w.at.synchronised = false;
    REQUIRE(w.start() == "");
    auto const& found = w.loaded.at(key_of(1)).instance;
    CHECK(found.token.sent == instant{17s} - 90s);
    CHECK(found.token.expires_at == instant{17s} - 90s + 4h);
    CHECK(found.trouble->not_before == instant{17s} - 90s + 10min);
    CHECK(found.trouble->negative_until == instant::min());
    CHECK(found.trouble->background_at == never);
    CHECK(w.token(1) == "token");
  }

  TEST_CASE("a pause that the boot clock did not count is seen by a calendar that is right") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(1, "token").has_value());
    w.pass(10s);
    w.at.wall += 1h;
    SUBCASE("right before and after") {
      REQUIRE(w.start() == "");
      CHECK(w.loaded.at(key_of(1)).instance.token.sent == w.at.now - 1h - 10s);
    }
    SUBCASE("not right now") {
      w.at.synchronised = false;
      REQUIRE(w.start() == "");
      CHECK(w.loaded.at(key_of(1)).instance.token.sent == w.at.now - 10s);
    }
  }

  TEST_CASE("on another boot the calendar says how old everything is") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(1, "token").has_value());
    w.boot_id = "boot two";
    w.at.wall += 30min;
    w.at.boot = 3s;
    w.at.now = instant{3s};
    REQUIRE(w.start() == "");
    CHECK(w.token(1) == "token");
    CHECK(w.loaded.at(key_of(1)).instance.token.expires_at == instant{3s} + 3h + 30min);
  }

  TEST_CASE("a calendar before the last stamp on another boot: tokens are dropped, waits stay") {
    store_world w;
    REQUIRE(w.start() == "");
    auto one = instance_of(key_of(1), "token", w.at.now, 5);
    one.trouble = core::saved_trouble{};
    one.trouble->not_before = w.at.now + 10min;
    REQUIRE(w.commit(change_of(std::move(one))).has_value());
    w.boot_id = "boot two";
    w.at.wall -= 1ms;
    w.at.now = instant{3s};
    REQUIRE(w.start() == "");
    auto const& found = w.loaded.at(key_of(1)).instance;
    CHECK(found.token.token.empty());
    CHECK(found.generation == 5);
    CHECK(found.registered);
    CHECK(found.trouble->not_before == instant{3s} + 10min);
  }

  TEST_CASE("rows of several runs each have their own clock") {
    store_world w;
    for (unsigned run = 1; run <= 3; ++run) {
      w.at.now = instant{std::chrono::hours{1000 * run}};
      REQUIRE(w.start() == "");
      REQUIRE(w.put(run, "token").has_value());
      w.at.boot += 60s;
      w.at.wall += 60s;
    }
    w.at.now = instant{1s};
    REQUIRE(w.start() == "");
    for (unsigned run = 1; run <= 3; ++run) {
      auto const age = 60s * (4 - run);
      CHECK(w.loaded.at(key_of(run)).instance.token.sent == instant{1s} - age);
    }
  }

  TEST_CASE("generations: a crash with tokens that were not written does not repeat them") {
    store_world w;
    REQUIRE(w.start() == "");
    CHECK(w.open.store->start_floor() == ms(w.at));
    auto const given_out = w.open.store->floor_max();
    CHECK(given_out == ms(w.at) + floor_lead - floor_step / 2);
    w.kill();
    REQUIRE(w.start() == "");  // at the same millisecond
    CHECK(w.open.store->start_floor() > given_out);
    CHECK(w.open.store->start_floor() == ms(w.at) + floor_lead);
  }

  TEST_CASE(
      "generations: the limit rises with time and with what is in use, before it is reached") {
    store_world w;
    REQUIRE(w.start() == "");
    auto const first = w.open.store->floor_max();
    REQUIRE(w.put(1, "x").has_value());
    CHECK(w.open.store->floor_max() == first);
    w.pass(milliseconds{floor_lead / 2});
    REQUIRE(w.put(1, "x").has_value());
    CHECK(w.open.store->floor_max() == ms(w.at) + floor_lead - floor_step / 2);
    auto const high = ms(w.at) + 10 * floor_lead;
    REQUIRE(w.put(1, "x", high).has_value());
    CHECK(w.open.store->floor_max() == high + floor_step / 2);
    w.kill();
    REQUIRE(w.start() == "");
    CHECK(w.open.store->start_floor() == high + floor_step);
  }

  TEST_CASE("generations: restarts in a row do not run ahead of the calendar") {
    store_world w;
    for (int i = 0; i < 100; ++i) {
      REQUIRE(w.start() == "");
      CHECK(w.open.store->start_floor() <= ms(w.at) + floor_lead);
      w.pass(milliseconds{floor_step});
      w.kill();
    }
  }

  TEST_CASE("generations: removed and registered again, also while the calendar goes back") {
    store_world w;
    REQUIRE(w.start() == "");
    auto const generation = w.open.store->start_floor() + 3;
    REQUIRE(w.put(1, "x", generation).has_value());
    REQUIRE(w.commit(removal_of(key_of(1))).has_value());
    w.at.wall -= 24h * 365;
    REQUIRE(w.start() == "");
    CHECK(w.loaded.empty());
    CHECK(w.open.store->start_floor() > generation);
  }

  TEST_CASE("generations: a restored backup is behind, the calendar is not") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(1, "old").has_value());
    w.stop();
    auto const copy = bytes_of(w.file);
    for (int i = 0; i < 5; ++i) {
      w.pass(1s);
      REQUIRE(w.start() == "");
      w.kill();
    }
    REQUIRE(w.start() == "");
    auto const generation = w.open.store->start_floor() + 1;
    REQUIRE(w.put(1, "new", generation).has_value());
    w.stop();
    w.pass(milliseconds{floor_lead + floor_step});
    write_bytes(w.file, copy);
    REQUIRE(w.start() == "");
    CHECK(w.token(1) == "old");
    CHECK(w.open.store->start_floor() > generation);
  }
}

}  // namespace
}  // namespace wixtokend::store
