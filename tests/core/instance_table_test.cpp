#include "core/instance_table.hpp"

#include "support/engine_world.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::core;
using wixtokend::test::key_of;

TEST_SUITE("core.instance_table") {
  TEST_CASE("an instance is found by its key until it is erased") {
    instance_table table;
    CHECK_FALSE(table.find(key_of(1)).has_value());
    auto const slot = table.insert(key_of(1));
    CHECK(table.find(key_of(1)) == slot);
    CHECK(table[slot].key == key_of(1));
    table.erase(slot);
    CHECK_FALSE(table.find(key_of(1)).has_value());
    bool const occupied = table[slot].occupied;
    CHECK_FALSE(occupied);
    CHECK(table.size() == 0);
  }

  TEST_CASE("the same instance id under two apps is two instances") {
    instance_table table;
    auto const one = table.insert(key_of(1, 0));
    auto const two = table.insert(key_of(1, 1));
    CHECK(one != two);
    CHECK(table.find(key_of(1, 1)) == two);
  }

  TEST_CASE("a freed slot is used again, clean") {
    instance_table table;
    auto const slot = table.insert(key_of(1));
    table[slot].token = secret{"bytes"};
    table[slot].generation = 5;
    table.erase(slot);
    CHECK(table.insert(key_of(2)) == slot);
    CHECK(table[slot].token.empty());
    CHECK(table[slot].generation == 0);
    CHECK(table.slots_end() == 1);
  }

  TEST_CASE("entries stay where they are while the table grows") {
    instance_table table;
    auto const slot = table.insert(key_of(1));
    auto const* const before = &table[slot];
    for (unsigned n = 2; n < 5'000; ++n) table.insert(key_of(n));
    CHECK(&table[slot] == before);
    CHECK(table.find(key_of(4'999)).has_value());
  }
}
