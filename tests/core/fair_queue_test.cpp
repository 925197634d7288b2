#include "core/fair_queue.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace wixtokend;
using namespace wixtokend::core;

namespace {

struct queue_world {
  slot_positions positions = slot_positions(10'000);
  fair_queue subject{positions};

  slot_number serve() {
    auto const slot = subject.top();
    subject.serve_top();
    return slot;
  }
};

}  // namespace

TEST_SUITE("core.fair_queue") {
  TEST_CASE("one peer's slots are served first come, first served") {
    queue_world w;
    for (slot_number slot = 5; slot < 10; ++slot) w.subject.push(slot, {1, 0});
    for (slot_number slot = 5; slot < 10; ++slot) CHECK(w.serve() == slot);
    CHECK(w.subject.empty());
  }

  TEST_CASE("a peer with a thousand waiting does not hold up one with a few") {
    queue_world w;
    for (slot_number slot = 0; slot < 1'000; ++slot) w.subject.push(slot, {1, 0});
    for (slot_number slot = 2'000; slot < 2'003; ++slot) w.subject.push(slot, {2, 0});
    int of_second = 0;
    for (int i = 0; i < 6; ++i) of_second += w.serve() >= 2'000 ? 1 : 0;
    CHECK(of_second == 3);
  }

  TEST_CASE("the same user on two sockets is two peers") {
    queue_world w;
    for (slot_number slot = 0; slot < 100; ++slot) w.subject.push(slot, {1, 0});
    w.subject.push(200, {1, 1});
    static_cast<void>(w.serve());
    CHECK(w.serve() == 200);
  }

  TEST_CASE("turns that were not used cannot be saved up") {
    queue_world w;
    for (slot_number slot = 0; slot < 500; ++slot) w.subject.push(slot, {1, 0});
    for (int i = 0; i < 400; ++i) static_cast<void>(w.serve());
    for (slot_number slot = 1'000; slot < 1'100; ++slot) w.subject.push(slot, {2, 0});
    int of_second = 0;
    for (int i = 0; i < 100; ++i) of_second += w.serve() >= 1'000 ? 1 : 0;
    CHECK(of_second >= 49);
    CHECK(of_second <= 51);
  }

  TEST_CASE("a peer that joins brings a slot forward, never back") {
    queue_world w;
    for (slot_number slot = 0; slot < 100; ++slot) w.subject.push(slot, {1, 0});
    w.subject.join(99, {2, 0});
    static_cast<void>(w.serve());
    CHECK(w.serve() == 99);

    for (slot_number slot = 200; slot < 300; ++slot) w.subject.push(slot, {3, 0});
    w.subject.push(500, {4, 0});
    w.subject.join(500, {3, 0});  // the crowd's claim is worse than the one it has
    int turns = 0;
    while (w.serve() != 500) ++turns;
    CHECK(turns <= 3);
  }

  TEST_CASE("shares stay equal among many peers with queues of any length") {
    queue_world w;
    slot_number slot = 0;
    std::map<slot_number, unsigned> owner;
    for (unsigned peer = 0; peer < 10; ++peer) {
      for (unsigned i = 0; i < 50 + peer * 20; ++i) {
        owner[slot] = peer;
        w.subject.push(slot++, {peer, 0});
      }
    }
    std::map<unsigned, int> served;
    for (int i = 0; i < 400; ++i) ++served[owner[w.serve()]];
    for (auto const& one : served) CHECK(one.second == 40);
  }

  TEST_CASE("ten thousand peers leave no trace") {
    queue_world w;
    for (unsigned peer = 0; peer < 10'000; ++peer) {
      w.subject.push(1, {peer, 0});
      static_cast<void>(w.serve());
    }
    CHECK(w.subject.peers() <= 1'024);
  }

  TEST_CASE("turns that were paid for and not used are given back") {
    queue_world w;
    for (slot_number slot = 100; slot < 200; ++slot) w.subject.push(slot, {2, 0});
    for (int i = 0; i < 1'000; ++i) {  // it comes and goes while nobody is served
      w.subject.push(1, {1, 0});
      w.subject.remove(1);
    }
    w.subject.push(1, {1, 0});
    static_cast<void>(w.serve());
    bool const served = w.serve() == 1 || w.serve() == 1;
    CHECK(served);
  }
}
