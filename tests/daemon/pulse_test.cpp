#include "daemon/pulse.hpp"

#include "async/task_group.hpp"
#include "support/datagram_receiver.hpp"
#include "support/recording_logger.hpp"
#include "support/temporary_folder.hpp"
#include "support/virtual_time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <exception>
#include <string>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using namespace std::chrono_literals;
using words = std::vector<std::string>;

struct world {
  event_loop loop;
  test::virtual_time time{loop};
  test::temporary_folder folder;
  test::datagram_receiver socket{folder.path("notify")};
  test::recording_logger log;
  std::string status = "s";
  task_group tasks{loop.get_executor(),
                   [](std::exception_ptr failure) { std::rethrow_exception(failure); }};
  service_manager manager;

  explicit world(std::string const& watchdog_usec, bool listens = true)
      : manager{{listens ? socket.address() : "", watchdog_usec, "", "", "", ""}, 1, log} {
    tasks.spawn(keep_pulse(time, manager, [this] { return status; }));
    time.settle();
  }
  ~world() {
    tasks.stop();
    time.settle();
  }
};

}  // namespace

TEST_SUITE("daemon.pulse") {
  TEST_CASE("a sign of life goes out every half of the watchdog's time, and at no other") {
    world w{"30000000"};
    CHECK(w.socket.take().empty());
    w.time.advance(14999ms);
    CHECK(w.socket.take().empty());
    w.time.advance(1ms);
    CHECK(w.socket.take() == words{"WATCHDOG=1\nSTATUS=s"});
    w.time.advance(60s);
    CHECK(w.socket.take() == words(4, "WATCHDOG=1"));
    CHECK(w.time.waits() == 1);
  }

  TEST_CASE("a loop that does not turn gives none") {
    world w{"30000000"};
    w.time.advance(15s);
    CHECK(w.socket.take().size() == 1);
    w.time.jump(1h);  // the time passes, and nothing runs
    CHECK(w.socket.take().empty());
    w.time.step();
    CHECK(w.socket.take().size() == 1);  // one, however many were missed
  }

  TEST_CASE("the status is asked for each time") {
    world w{"2000000"};
    w.time.advance(1s);
    w.status = "other";
    w.time.advance(1s);
    CHECK(w.socket.take() == words{"WATCHDOG=1\nSTATUS=s", "WATCHDOG=1\nSTATUS=other"});
  }

  TEST_CASE("without a watchdog the status is told, and rarely") {
    world w{""};
    w.time.advance(29s);
    CHECK(w.socket.take().empty());
    w.time.advance(1s);
    CHECK(w.socket.take() == words{"STATUS=s"});
    w.time.advance(10min);
    CHECK(w.socket.take().empty());
  }

  TEST_CASE("a watchdog of a microsecond does not make a busy loop") {
    world w{"1"};
    w.time.advance(100ms);
    CHECK(w.socket.take().size() == 10);
  }

  TEST_CASE("without a manager nobody waits for anything") {
    world w{"30000000", false};
    CHECK(w.tasks.size() == 0);
    CHECK(w.time.waits() == 0);
  }
}
