#include "store/work_thread.hpp"

#include "async/task_group.hpp"
#include "support/run_task.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <vector>

namespace wixtokend::store {
namespace {

task<> ask(work_thread& thread, int number, std::vector<int>& done) {
  std::function<void()> what = [] {};
  co_await thread.run(std::move(what));
  done.push_back(number);
}

TEST_SUITE("store.work_thread") {
  TEST_CASE("work is done in order, and each caller is told on the loop") {
    event_loop loop;
    work_thread thread{loop.get_executor(), [] { return false; }};
    task_group group{loop.get_executor(),
                     [](auto const& failure) { std::rethrow_exception(failure); }};
    std::vector<int> done;
    for (int i = 0; i < 50; ++i) group.spawn(ask(thread, i, done));
    test::run_until(loop, [&] { return done.size() == 50; });
    for (int i = 0; i < 50; ++i) CHECK(done[static_cast<std::size_t>(i)] == i);
    test::run_task(loop, group.join());
  }

  TEST_CASE("what was asked for is done although nobody waits for it any more") {
    event_loop loop;
    std::atomic<int> count{0};
    {
      work_thread thread{loop.get_executor(), [] { return false; }};
      task_group group{loop.get_executor(), [](auto const&) {}};
      std::vector<int> done;
      std::function<void()> what = [&] { ++count; };
      group.spawn(thread.run(what));
      loop.poll();
      group.stop();
      test::run_task(loop, group.join());
    }
    loop.poll();
    CHECK(count == 1);
  }

  TEST_CASE("housekeeping goes on until it is done, and is asked for again after work") {
    event_loop loop;
    std::atomic<int> rounds{0};
    std::vector<int> done;
    {
      work_thread thread{loop.get_executor(), [&] { return ++rounds % 10 != 0; }};
      for (int i = 0; i < 20; ++i) test::run_task(loop, ask(thread, i, done));
      while (rounds < 10) test::run_task(loop, ask(thread, 0, done));
    }
    CHECK(rounds >= 10);
  }
}

}  // namespace
}  // namespace wixtokend::store
