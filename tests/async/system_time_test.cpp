#include "async/system_time.hpp"

#include "async/task_group.hpp"
#include "support/run_task.hpp"

#include <doctest/doctest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

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

// What a test makes the kernel say: the real CLOCK_BOOTTIME, and another wall clock.
struct wall_clock {
  std::chrono::nanoseconds passed{};  // on both clocks; kernel timers know nothing of it
  std::chrono::nanoseconds stepped{};
  bool synchronised = true;
  int watch = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);  // the reader closes it

  void step(std::chrono::nanoseconds by) {
    stepped += by;
    synchronised = false;  // as the kernel does
    std::uint64_t const one = 1;
    if (watch >= 0) REQUIRE(::write(watch, &one, sizeof one) == sizeof one);
  }
};

class scripted_clocks final : public kernel_clocks {
 public:
  explicit scripted_clocks(wall_clock& wall) : wall_{wall} {}

  [[nodiscard]] clock_reading read() const noexcept override {
    auto reading = kernel_clocks::read();
    reading.boot += wall_.passed;
    reading.wall = reading.boot + 500'000h + wall_.stepped;
    return reading;
  }
  [[nodiscard]] bool synchronised() const noexcept override { return wall_.synchronised; }
  [[nodiscard]] int open_step_watch() const noexcept override { return wall_.watch; }

 private:
  wall_clock& wall_;
};

struct stepping_world {
  wall_clock wall;
  event_loop loop;
  std::unique_ptr<system_time> clock;
  std::vector<duration> told;
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};

  void start() {
    clock = std::make_unique<system_time>(loop, std::make_unique<scripted_clocks>(wall));
    clock->when_stepped([this](duration by) { told.push_back(by); });
  }
};

task<> wait_in(stepping_world& w, duration length, bool& over) {
  co_await w.clock->sleep_until(w.clock->now() + length);
  over = true;
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

  TEST_CASE("a step of the wall clock wakes the loop and ends the waits that it passed over") {
    stepping_world w;
    w.start();
    bool within = false;
    bool beyond = false;
    w.group.spawn(wait_in(w, 1h, within));
    w.group.spawn(wait_in(w, 3h, beyond));
    w.loop.poll();
    auto const before = w.clock->now();
    w.wall.step(2h);
    while (!within) w.loop.run_one();  // nothing but the step can end this
    CHECK_FALSE(beyond);
    CHECK(w.clock->now() - before >= 2h);
    CHECK(w.clock->now() - before < 3h);
    CHECK(w.told == std::vector<duration>{2h});
    w.loop.poll();
    CHECK(w.loop.poll() == 0);  // one step, one wake-up
    w.group.stop();
    w.loop.run();  // returns only if nothing is watched any more
  }

  TEST_CASE("whoever reads the clock after a step reads the new time, before the loop knows") {
    stepping_world w;
    w.start();
    auto const before = w.clock->now();
    w.wall.step(5s);
    CHECK(w.clock->now() - before >= 5s);
    CHECK(w.clock->now() - before < 10s);
    CHECK(w.told.empty());  // that is the loop's to say
    w.wall.step(1h);        // the first one ended the synchronisation: this one mends something
    CHECK(w.clock->now() - before < 10s);
  }

  TEST_CASE("a step of a clock that was not synchronised, and a step back, change nothing") {
    stepping_world w;
    w.wall.synchronised = false;
    w.start();
    auto const first = w.clock->now();
    w.wall.step(10h);
    CHECK(w.clock->now() - first < 1h);
    w.wall.step(-20h);
    auto const second = w.clock->now();
    CHECK(second >= first);
    CHECK(second - first < 1h);
  }

  TEST_CASE("a clock that is synchronised after the start counts from the next wait on") {
    stepping_world w;
    w.wall.synchronised = false;
    w.start();
    bool over = false;
    w.wall.synchronised = true;
    w.wall.passed += 2s;
    w.group.spawn(wait_in(w, 1h, over));
    w.loop.poll();
    auto const before = w.clock->now();
    w.wall.step(10min);
    CHECK(w.clock->now() - before >= 10min);
    w.group.stop();
    w.loop.run();
    CHECK_FALSE(over);
  }

  TEST_CASE("a short wait after a step takes as long as it says") {
    stepping_world w;
    w.start();
    w.wall.step(2h);
    bool over = false;
    auto const start = w.clock->now();
    w.group.spawn(wait_in(w, 3ms, over));
    w.loop.run();
    CHECK(over);
    CHECK(w.clock->now() - start >= 3ms);
    CHECK(w.clock->now() - start < 1h);
    CHECK(w.told == std::vector<duration>{2h});
  }

  TEST_CASE("without word of steps from the kernel they are seen at the next turn") {
    stepping_world w;
    ::close(w.wall.watch);
    w.wall.watch = -1;
    w.start();
    bool within = false;
    bool soon = false;
    w.group.spawn(wait_in(w, 1h, within));
    w.loop.poll();
    w.wall.step(2h);
    w.group.spawn(wait_in(w, 1ms, soon));
    w.loop.restart();
    w.loop.run();
    CHECK(within);
    CHECK(soon);
    CHECK(w.told == std::vector<duration>{2h});
  }
}
