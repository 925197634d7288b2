#include "core/waiter_table.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::core;
using namespace std::chrono_literals;

namespace {
std::vector<std::uint32_t> chain(waiter_table const& table, std::uint32_t head) {
  std::vector<std::uint32_t> places;
  for (auto at = head; at != waiter_table::none; at = table.at(at).next) places.push_back(at);
  return places;
}
}  // namespace

TEST_SUITE("core.waiter_table") {
  TEST_CASE("waiters of an instance form a chain from which each can be taken") {
    waiter_table table;
    auto head = waiter_table::none;
    auto const first = table.add(7, {}, {}, instant{3s}, head);
    auto const second = table.add(7, {}, {}, instant{1s}, head);
    auto const third = table.add(7, {}, {}, instant{2s}, head);
    CHECK(chain(table, head).size() == 3);
    table.remove(table.find(second).value(), head);
    CHECK(chain(table, head) == std::vector{table.find(third).value(), table.find(first).value()});
    table.remove(table.find(third).value(), head);
    table.remove(table.find(first).value(), head);
    CHECK(head == waiter_table::none);
    CHECK(table.size() == 0);
  }

  TEST_CASE("deadlines expire soonest first") {
    waiter_table table;
    auto head = waiter_table::none;
    CHECK(table.earliest_deadline() == never);
    table.add(1, {}, {}, instant{3s}, head);
    auto const soon = table.add(1, {}, {}, instant{1s}, head);
    CHECK(table.earliest_deadline() == instant{1s});
    CHECK_FALSE(table.expired(instant{999ms}).has_value());
    CHECK(table.expired(instant{1s}) == table.find(soon));
  }

  TEST_CASE("those who watch have a chain of their own, and are not taken for those who wait") {
    waiter_table table;
    auto waiting = waiter_table::none;
    auto watching = waiter_table::none;
    table.add(7, {}, {}, instant{3s}, waiting);
    auto const watcher = table.add_watcher(8, {}, {}, instant{1s}, watching);
    CHECK(table.instances() == std::vector<slot_number>{7});
    CHECK(table.at(watching).watching);
    CHECK_FALSE(table.at(waiting).watching);
    CHECK(table.expired(instant{1s}) == table.find(watcher));
    table.remove(watching, watching);
    CHECK(watching == waiter_table::none);
    table.add(9, {}, {}, instant{2s}, watching);  // in the place that has become free
    CHECK_FALSE(table.at(watching).watching);
    CHECK(table.size() == 2);
  }

  TEST_CASE("the id of a waiter that is gone never names another") {
    waiter_table table;
    auto head = waiter_table::none;
    auto const gone = table.add(1, {}, {}, instant{1s}, head);
    table.remove(table.find(gone).value(), head);
    CHECK_FALSE(table.find(gone).has_value());
    auto const reused = table.add(2, {}, {}, instant{1s}, head);
    CHECK(gone != reused);
    CHECK_FALSE(table.find(gone).has_value());
    CHECK(table.find(reused).has_value());
    CHECK_FALSE(table.find(waiter_id{99}).has_value());
  }
}
