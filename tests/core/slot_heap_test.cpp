#include "core/slot_heap.hpp"

#include "core/random.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <map>

using namespace wixtokend;
using namespace wixtokend::core;
using namespace std::chrono_literals;

TEST_SUITE("core.slot_heap") {
  TEST_CASE("slots come soonest first") {
    slot_positions positions(8);
    slot_heap heap{positions};
    heap.push(3, instant{3s});
    heap.push(1, instant{1s});
    heap.push(2, instant{2s});
    CHECK(heap.top() == 1);
    CHECK(heap.top_when() == instant{1s});
    heap.pop();
    CHECK(heap.top() == 2);
    heap.pop();
    heap.pop();
    CHECK(heap.empty());
  }

  TEST_CASE("two heaps share the positions of one table") {
    slot_positions positions(4);
    slot_heap first{positions};
    slot_heap second{positions};
    first.push(0, instant{5s});
    second.push(1, instant{4s});
    first.push(2, instant{1s});
    first.remove(0);
    second.push(0, instant{1s});
    CHECK(first.top() == 2);
    CHECK(second.top() == 0);
  }

  TEST_CASE("ten thousand random pushes and removals agree with an ordered map") {
    random_source random{42};
    slot_positions positions(200);
    slot_heap heap{positions};
    std::map<slot_number, instant> model;
    for (int step = 0; step < 10'000; ++step) {
      auto const slot = static_cast<slot_number>(random.next() % 200);
      if (model.erase(slot) != 0) {
        heap.remove(slot);
      } else {
        instant const when{duration{static_cast<duration::rep>(random.next() % 50)}};
        heap.push(slot, when);
        model.emplace(slot, when);
      }
      REQUIRE(heap.size() == model.size());
      if (model.empty()) continue;
      auto soonest = never;
      for (auto const& [_, when] : model) soonest = std::min(soonest, when);
      REQUIRE(heap.top_when() == soonest);
      REQUIRE(model.at(heap.top()) == soonest);
    }
  }
}
