#include "async/time_source.hpp"

#include "async/task_group.hpp"
#include "support/run_task.hpp"
#include "support/virtual_time.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

struct world {
  event_loop loop;
  test::virtual_time time{loop};
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
};

task<> wait_and_log(world& w, duration length, std::vector<duration>& log) {
  auto const start = w.time.now();
  co_await w.time.sleep_until(start + length);
  log.push_back(w.time.now() - start);
}

task<> wait_twice(world& w, int& done) {
  co_await w.time.sleep_until(w.time.now() + 1s);
  ++done;
  co_await w.time.sleep_until(w.time.now() + 1s);
  ++done;
}

}  // namespace

TEST_SUITE("async.time_source") {
  TEST_CASE("each wait ends at its own instant, in order") {
    world w;
    std::vector<duration> log;
    for (auto const length : {3s, 1s, 2s, 1s}) w.group.spawn(wait_and_log(w, length, log));
    w.time.advance(10s);
    CHECK(log == std::vector<duration>{1s, 1s, 2s, 3s});
  }

  TEST_CASE("a wait that begins during an advance ends within it") {
    world w;
    int done = 0;
    w.group.spawn(wait_twice(w, done));
    w.time.advance(1999ms);
    CHECK(done == 1);
    w.time.advance(1ms);
    CHECK(done == 2);
  }

  TEST_CASE("a wait for the past or the present ends at once, but not inline") {
    world w;
    std::vector<duration> log;
    w.group.spawn(wait_and_log(w, -1s, log));
    w.group.spawn(wait_and_log(w, 0s, log));
    CHECK(log.empty());
    w.time.advance(0s);
    CHECK(log.size() == 2);
  }

  TEST_CASE("a cancelled wait leaves no entry, and the others stay") {
    world w;
    std::vector<duration> log;
    task_group other{w.loop.get_executor(), [](std::exception_ptr) {}};
    w.group.spawn(wait_and_log(w, 1s, log));
    other.spawn(wait_and_log(w, 1s, log));
    w.time.settle();
    CHECK(w.time.waits() == 2);
    other.stop();
    other.stop();
    w.time.settle();
    CHECK(w.time.waits() == 1);
    CHECK(log.empty());
    w.time.advance(1s);
    CHECK(log.size() == 1);
  }

  TEST_CASE("a wait that ends and is cancelled in the same turn has ended") {
    world w;
    std::vector<duration> log;
    w.group.spawn(wait_and_log(w, 1s, log));
    w.time.settle();
    // Due and not yet resumed: the completion is already on its way.
    asio::post(w.loop, [&] { w.group.stop(); });
    w.time.advance(1s);
    CHECK(w.time.waits() == 0);
    CHECK(w.group.size() == 0);
  }

  TEST_CASE("the wall clock moves with the other, and can be stepped alone") {
    world w;
    auto const wall = w.time.wall_now();
    w.time.advance(1500ms);
    CHECK(w.time.wall_now() - wall == 1500ms);
    auto const now = w.time.now();
    w.time.step_wall(-1h);
    CHECK(w.time.wall_now() - wall == 1500ms - 1h);
    CHECK(w.time.now() == now);
  }
}
