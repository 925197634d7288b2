#include "async/task_group.hpp"

#include "support/run_task.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <memory>
#include <stdexcept>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::run_task;

namespace {

struct world {
  event_loop loop;
  test::virtual_time time{loop};
  std::vector<std::string> failures;
  task_group group{loop.get_executor(), [this](std::exception_ptr thrown) {
                     try {
                       std::rethrow_exception(thrown);
                     } catch (std::exception const& e) {
                       failures.emplace_back(e.what());
                     }
                   }};
};

task<> nap(world& w, duration length, std::vector<std::string>& log, std::string name) {
  log.push_back(name + " starts");
  co_await w.time.sleep_until(w.time.now() + length);
  log.push_back(name + " ends");
}

task<> fail(std::string what) {
  throw std::runtime_error{what};
  co_return;
}

task<> stop_then_return(task_group& group, bool& done) {
  group.stop();
  done = true;
  co_return;
}

task<> stop_then_wait(world& w, bool& reached) {
  w.group.stop();
  co_await w.time.sleep_until(w.time.now() + 1h);
  reached = true;
}

task<> hold(std::shared_ptr<int> resource) {
  static_cast<void>(resource);
  co_return;
}

task<> swallow_cancellation(world& w, int& waits) {
  for (;;) {
    try {
      co_await w.time.sleep_until(w.time.now() + 1s);
    } catch (boost::system::system_error const&) {
      if (++waits == 3) co_return;  // each further wait is cancelled at once
    }
  }
}

task<> spawn_from_inside(world& w, std::vector<std::string>& log) {
  w.group.spawn(nap(w, 1s, log, "inner"));
  log.emplace_back("outer goes on");
  co_return;
}

}  // namespace

TEST_SUITE("async.task_group") {
  TEST_CASE("coroutines run side by side, and join waits for the last") {
    world w;
    std::vector<std::string> log;
    w.group.spawn(nap(w, 2s, log, "slow"));
    w.group.spawn(nap(w, 1s, log, "quick"));
    bool joined = false;
    asio::co_spawn(w.loop, w.group.join(), [&](std::exception_ptr) { joined = true; });
    w.time.advance(1s);
    CHECK(w.group.size() == 1);
    CHECK_FALSE(joined);
    w.time.advance(1s);
    CHECK(w.group.size() == 0);
    CHECK(joined);
    CHECK(log ==
          std::vector<std::string>{"slow starts", "quick starts", "quick ends", "slow ends"});
  }

  TEST_CASE("joining an empty group returns at once, before and after work") {
    world w;
    run_task(w.loop, w.group.join());
    std::vector<std::string> log;
    w.group.spawn(nap(w, 1s, log, "a"));
    w.time.advance(1s);
    run_task(w.loop, w.group.join());
    CHECK(log.size() == 2);
  }

  TEST_CASE("stopping ends every wait; nothing is reported, nothing is left in the clock") {
    world w;
    std::vector<std::string> log;
    for (int i = 0; i < 10; ++i) w.group.spawn(nap(w, 1h, log, "a"));
    w.time.settle();
    CHECK(w.time.waits() == 10);
    w.group.stop();
    w.time.settle();
    CHECK(w.group.size() == 0);
    CHECK(w.time.waits() == 0);
    CHECK(log.size() == 10);
    CHECK(w.failures.empty());
    run_task(w.loop, w.group.join());
  }

  TEST_CASE("a coroutine that has not started when the group is stopped never does") {
    world w;
    std::vector<std::string> log;
    w.group.spawn(nap(w, 1s, log, "a"));  // outside of the loop: it starts in a later turn
    w.group.stop();
    w.time.advance(2s);
    CHECK(log.empty());
    CHECK(w.group.size() == 0);
    CHECK(w.failures.empty());
    run_task(w.loop, w.group.join());
  }

  TEST_CASE("after a stop nothing is started, and what a coroutine holds is released") {
    world w;
    w.group.stop();
    auto const resource = std::make_shared<int>(1);
    w.group.spawn(hold(resource));
    CHECK(w.group.size() == 0);
    CHECK(resource.use_count() == 1);
  }

  TEST_CASE("a coroutine may stop its own group and end without another wait") {
    world w;
    bool done = false;
    w.group.spawn(stop_then_return(w.group, done));
    w.time.settle();
    CHECK(done);
    CHECK(w.group.size() == 0);
    CHECK(w.failures.empty());
  }

  TEST_CASE("a coroutine that stops its own group is cancelled at its next wait") {
    world w;
    bool reached = false;
    w.group.spawn(stop_then_wait(w, reached));
    w.time.advance(2h);
    CHECK_FALSE(reached);
    CHECK(w.group.size() == 0);
    CHECK(w.failures.empty());
  }

  TEST_CASE("a coroutine that carries on after cancellation is cancelled at each further wait") {
    world w;
    int waits = 0;
    w.group.spawn(swallow_cancellation(w, waits));
    w.time.settle();
    w.group.stop();
    w.time.settle();
    CHECK(waits == 3);
    CHECK(w.group.size() == 0);
  }

  TEST_CASE("an exception is reported once, and the others run on") {
    world w;
    std::vector<std::string> log;
    w.group.spawn(nap(w, 1s, log, "a"));
    w.group.spawn(fail("broken"));
    w.time.settle();
    CHECK(w.failures == std::vector<std::string>{"broken"});
    CHECK(w.group.size() == 1);
    w.time.advance(1s);
    CHECK(log.back() == "a ends");
  }

  TEST_CASE("a report that rethrows ends the loop's run") {
    event_loop loop;
    task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
    group.spawn(fail("fatal"));
    CHECK_THROWS_WITH_AS(loop.run(), "fatal", std::runtime_error);
    CHECK(group.size() == 0);
  }

  TEST_CASE("a coroutine spawned on the loop starts before spawn returns") {
    world w;
    std::vector<std::string> log;
    w.group.spawn(spawn_from_inside(w, log));
    w.time.advance(1s);
    CHECK(log == std::vector<std::string>{"inner starts", "outer goes on", "inner ends"});
  }

  TEST_CASE("a thousand coroutines come and go") {
    world w;
    std::vector<std::string> log;
    for (int i = 0; i < 1000; ++i) w.group.spawn(nap(w, i * 1ms, log, ""));
    w.time.advance(500ms);
    w.group.stop();
    w.time.settle();
    CHECK(w.group.size() == 0);
    CHECK(log.size() == 1000 + 501);
  }
}
