#include "async/event.hpp"

#include "async/task_group.hpp"
#include "support/run_task.hpp"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

using namespace wixtokend;
using test::run_task;

namespace {

task<> count_rings(event& bell, int& rings) {
  for (;;) {
    co_await bell.wait();
    ++rings;
  }
}

task<> wait_once(event& bell, bool& cancelled) {
  try {
    co_await bell.wait();
  } catch (boost::system::system_error const& e) {
    cancelled = e.code() == asio::error::operation_aborted;
    throw;
  }
}

struct world {
  void settle() {
    loop.restart();
    loop.poll();
  }
  event_loop loop;
  event bell{loop.get_executor()};
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
};

}  // namespace

TEST_SUITE("async.event") {
  TEST_CASE("a ring before the wait is kept, and several count as one") {
    world w;
    int rings = 0;
    w.bell.set();
    w.bell.set();
    w.group.spawn(count_rings(w.bell, rings));
    w.settle();
    CHECK(rings == 1);
    w.group.stop();
    w.settle();
  }

  TEST_CASE("a waiting coroutine is woken by each ring") {
    world w;
    int rings = 0;
    w.group.spawn(count_rings(w.bell, rings));
    w.settle();
    CHECK(rings == 0);
    for (int i = 1; i <= 3; ++i) {
      w.bell.set();
      CHECK(rings == i - 1);  // never inline
      w.settle();
      CHECK(rings == i);
    }
    w.group.stop();
    w.settle();
  }

  TEST_CASE("two rings while somebody waits wake twice: the second is kept") {
    world w;
    int rings = 0;
    w.group.spawn(count_rings(w.bell, rings));
    w.settle();
    w.bell.set();
    w.bell.set();
    w.settle();
    CHECK(rings == 2);
    w.group.stop();
    w.settle();
  }

  TEST_CASE("a wait can be cancelled, and the event is usable afterwards") {
    world w;
    bool cancelled = false;
    w.group.spawn(wait_once(w.bell, cancelled));
    w.settle();
    w.group.stop();
    w.group.stop();  // twice does no harm
    w.settle();
    CHECK(cancelled);
    CHECK(w.group.size() == 0);

    w.bell.set();
    run_task(w.loop, w.bell.wait());
  }

  TEST_CASE("a ring in the moment of cancellation is not lost") {
    world w;
    bool cancelled = false;
    w.group.spawn(wait_once(w.bell, cancelled));
    w.settle();
    w.group.stop();
    w.bell.set();  // the cancelled wait has ended already, only its coroutine does not know yet
    w.settle();
    CHECK(cancelled);
    run_task(w.loop, w.bell.wait());  // would hang without the ring
  }

  TEST_CASE("an event may end with somebody waiting: the coroutine goes with the loop") {
    event_loop loop;
    {
      event bell{loop.get_executor()};
      int rings = 0;
      asio::co_spawn(loop, count_rings(bell, rings), [](std::exception_ptr) {});
      loop.poll();
    }
    CHECK(true);  // the sanitizers judge
  }
}
