#include "net/slots.hpp"

#include "async/task_group.hpp"
#include "async/with_deadline.hpp"
#include "support/run_task.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/post.hpp>
#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace wixtokend;
using namespace wixtokend::net;
using namespace std::chrono_literals;

namespace {

struct world {
  event_loop loop;
  test::virtual_time time{loop};
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
  slots places{loop.get_executor(), 2};
  std::string log;
};

task<> work(world& w, char name, duration length) {
  auto const place = co_await w.places.acquire();
  w.log.push_back(name);
  co_await w.time.sleep_until(w.time.now() + length);
}

task<> work_within(world& w, char name, duration limit) {
  auto waiting = w.places.acquire();
  auto const place = co_await with_deadline(w.time, w.time.now() + limit, std::move(waiting));
  w.log.push_back(place.has_value() ? name : '-');
}

}  // namespace

TEST_SUITE("net.slots") {
  TEST_CASE("no more than the given number work at a time, first come first served") {
    world w;
    for (char const name : {'a', 'b', 'c', 'd', 'e'}) w.group.spawn(work(w, name, 1s));
    w.time.settle();
    CHECK(w.log == "ab");
    CHECK(w.places.waiting() == 3);
    w.time.advance(1s);
    CHECK(w.log == "abcd");
    w.time.advance(2s);
    CHECK(w.log == "abcde");
    CHECK(w.places.free() == 2);
  }

  TEST_CASE("who comes while others wait does not overtake them") {
    world w;
    for (char const name : {'a', 'b', 'c'}) w.group.spawn(work(w, name, 1s));
    w.time.advance(1s);
    for (char const name : {'d', 'e'}) w.group.spawn(work(w, name, 1s));
    w.time.settle();
    CHECK(w.log == "abcd");
    w.time.advance(5s);
    CHECK(w.log == "abcde");
  }

  TEST_CASE("a wait that times out or is cancelled does not take a place") {
    world w;
    task_group other{w.loop.get_executor(), [](std::exception_ptr) {}};
    w.group.spawn(work(w, 'a', 10s));
    w.group.spawn(work(w, 'b', 10s));
    w.group.spawn(work_within(w, 'c', 1s));
    other.spawn(work(w, 'd', 1s));
    w.time.advance(2s);
    CHECK(w.log == "ab-");
    other.stop();
    w.time.settle();
    CHECK(w.places.waiting() == 0);
    w.time.advance(10s);
    CHECK(w.places.free() == 2);
    CHECK(w.log == "ab-");
  }

  TEST_CASE("a place that is granted to somebody just cancelled goes to the next one") {
    world w;
    task_group other{w.loop.get_executor(), [](std::exception_ptr) {}};
    std::optional<slots::slot> first;
    std::optional<slots::slot> second;
    first.emplace(test::run_task(w.loop, w.places.acquire()).value());
    second.emplace(test::run_task(w.loop, w.places.acquire()).value());
    SUBCASE("cancelled, then granted") {
      other.spawn(work(w, 'x', 1s));
      w.group.spawn(work(w, 'b', 1s));
      w.time.settle();
      other.stop();
      first.reset();
    }
    SUBCASE("granted, then cancelled") {
      other.spawn(work(w, 'x', 1s));
      w.group.spawn(work(w, 'b', 1s));
      w.time.settle();
      first.reset();
      other.stop();
    }
    w.time.settle();
    CHECK(w.log.back() == 'b');
    w.time.advance(5s);
    CHECK(w.places.free() == 1);
  }

  TEST_CASE("cancelled workers give their places back") {
    world w;
    for (char const name : {'a', 'b', 'c', 'd'}) w.group.spawn(work(w, name, 1h));
    w.time.settle();
    w.group.stop();
    w.time.settle();
    CHECK(w.group.size() == 0);
    CHECK(w.places.free() == 2);
    CHECK(w.places.waiting() == 0);
  }

  TEST_CASE("a place may outlive the slots") {
    event_loop loop;
    std::optional<slots::slot> place;
    {
      slots places{loop.get_executor(), 1};
      place.emplace(test::run_task(loop, places.acquire()).value());
    }
    place.reset();
    CHECK(true);  // the sanitizers judge
  }
}
