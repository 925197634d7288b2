#include "emulator/instances.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;

namespace {

instance_key key(std::string_view id = "22222222-2222-4222-8222-000000000001") {
  return {app_number{}, instance_id::parse(id).value()};
}

}  // namespace

TEST_SUITE("emulator.instances") {
  TEST_CASE("every instance but the nil one is installed, unless only listed ones are") {
    instances all;
    CHECK(all.installed(key(), false));
    CHECK_FALSE(all.installed(key(), true));
    CHECK_FALSE(all.installed({app_number{}, instance_id{}}, false));

    all.find_or_add({app_number{}, instance_id{}})->state = installation::installed;
    CHECK_FALSE(all.installed({app_number{}, instance_id{}}, false));
  }

  TEST_CASE("what was said about an instance counts, for its app only") {
    instances all;
    all.find_or_add(key())->state = installation::installed;
    CHECK(all.installed(key(), true));
    all.find_or_add(key())->state = installation::removed;
    CHECK_FALSE(all.installed(key(), false));
    CHECK(all.installed({app_number{1}, key().instance}, false));
  }

  TEST_CASE("a row stays the same until everything is cleared") {
    instances all;
    CHECK(all.find(key()) == nullptr);
    auto* const row = all.find_or_add(key());
    row->mints = 3;
    row->requests = 5;
    CHECK(all.find_or_add(key()) == row);
    CHECK(all.find(key())->mints == 3);

    row->state = installation::removed;
    all.reset_counters();
    CHECK(all.find(key())->mints == 0);
    CHECK(all.find(key())->requests == 0);
    CHECK(all.find(key())->state == installation::removed);
    all.clear();
    CHECK(all.find(key()) == nullptr);
  }

  TEST_CASE("the rate limit lets its number through in each minute from the first request on") {
    instance_row row;
    auto const start = wall_time{1'000'000s};
    CHECK_FALSE(over_limit(row, start, 2).has_value());
    CHECK_FALSE(over_limit(row, start + 10s, 2).has_value());
    CHECK(over_limit(row, start + 10s, 2) == 50s);
    CHECK(over_limit(row, start + 59'001ms, 2) == 1s);
    CHECK_FALSE(over_limit(row, start + 60s, 2).has_value());
    CHECK_FALSE(over_limit(row, start + 61s, 2).has_value());
    CHECK(over_limit(row, start + 61s, 2) == 59s);
  }

  TEST_CASE("without a rate limit nothing is counted, and a clock that steps back starts anew") {
    instance_row row;
    auto const start = wall_time{1'000'000s};
    for (int i = 0; i < 100; ++i) CHECK_FALSE(over_limit(row, start, 0).has_value());
    CHECK_FALSE(over_limit(row, start, 1).has_value());
    CHECK(over_limit(row, start, 1).has_value());
    CHECK_FALSE(over_limit(row, start - 1s, 1).has_value());
  }
}
