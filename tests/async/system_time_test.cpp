#include "async/system_time.hpp"

#include "async/task_group.hpp"
#include "support/run_task.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::run_task;

namespace {

// Lengths are of milliseconds, and no test depends on an upper bound.
struct world {
  event_loop loop;
  system_time time{loop};
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
};

task<> wait_and_log(world& w, instant until, char name, std::string& log) {
  co_await w.time.sleep_until(until);
  CHECK(w.time.now() >= until);
  log.push_back(name);
}

task<> cancel_later(world& w, task_group& other, instant when) {
  co_await w.time.sleep_until(when);
  other.stop();
}

}  // namespace

TEST_SUITE("async.system_time") {
  TEST_CASE("the clock does not go back") {
    world w;
    auto const first = w.time.now();
    CHECK(w.time.now() >= first);
    CHECK(first.time_since_epoch() > 0s);
    CHECK(w.time.wall_now() > wall_time{std::chrono::seconds{1767225600}});
  }

  TEST_CASE("waits end in order, not too early, and the loop then runs out of work") {
    world w;
    std::string log;
    auto const now = w.time.now();
    w.group.spawn(wait_and_log(w, now + 3ms, 'c', log));
    w.group.spawn(wait_and_log(w, now + 1ms, 'a', log));
    w.group.spawn(wait_and_log(w, now + 2ms, 'b', log));
    w.group.spawn(wait_and_log(w, now - 1h, '0', log));
    w.loop.run();
    CHECK(log == "0abc");
  }

  TEST_CASE("a wait that is added sooner than all others ends sooner") {
    world w;
    std::string log;
    auto const now = w.time.now();
    w.group.spawn(wait_and_log(w, now + 4ms, 'b', log));
    w.loop.poll();
    w.group.spawn(wait_and_log(w, now + 1ms, 'a', log));
    w.loop.restart();
    w.loop.run();
    CHECK(log == "ab");
  }

  TEST_CASE("a cancelled wait does not keep the loop, and the rest goes on") {
    world w;
    std::string log;
    task_group other{w.loop.get_executor(), [](std::exception_ptr) {}};
    auto const now = w.time.now();
    other.spawn(wait_and_log(w, now + 1h, 'x', log));
    other.spawn(wait_and_log(w, never, 'y', log));
    w.group.spawn(cancel_later(w, other, now + 1ms));
    w.group.spawn(wait_and_log(w, now + 2ms, 'a', log));
    w.loop.run();  // returns only if nothing is left
    CHECK(log == "a");
    CHECK(other.size() == 0);
  }

  TEST_CASE("the clock can be waited on again after it was idle") {
    world w;
    std::string log;
    for (char const name : {'a', 'b', 'c'}) {
      run_task(w.loop, wait_and_log(w, w.time.now() + 1ms, name, log));
      w.loop.restart();
      w.loop.poll();
    }
    CHECK(log == "abc");
  }

  TEST_CASE("a cancelled wait directly followed by another one is not lost") {
    world w;
    std::string log;
    task_group other{w.loop.get_executor(), [](std::exception_ptr) {}};
    other.spawn(wait_and_log(w, w.time.now() + 1h, 'x', log));
    w.loop.poll();
    other.stop();  // the timer's watch is being cancelled while the next wait begins
    w.group.spawn(wait_and_log(w, w.time.now() + 1ms, 'a', log));
    w.loop.restart();
    w.loop.run();
    CHECK(log == "a");
  }

  TEST_CASE("a clock that ends while somebody waits leaves no descriptor behind") {
    event_loop loop;
    {
      world w;
      std::string log;
      asio::co_spawn(w.loop, wait_and_log(w, w.time.now() + 1h, 'x', log),
                     [](std::exception_ptr) {});
      w.loop.poll();
    }
    CHECK(true);  // the sanitizers judge
  }
}
