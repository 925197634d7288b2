#include "daemon/service_manager.hpp"

#include "daemon/startup_error.hpp"
#include "support/datagram_receiver.hpp"
#include "support/recording_logger.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
using namespace std::chrono_literals;
using words = std::vector<std::string>;

constexpr pid_t self = 4711;

manager_variables with_watchdog(std::string usec, std::string pid) {
  manager_variables out;
  out.watchdog_usec = std::move(usec);
  out.watchdog_pid = std::move(pid);
  return out;
}

struct world {
  test::temporary_folder folder;
  test::datagram_receiver socket{folder.path("notify")};
  test::recording_logger log;
  manager_variables variables;

  world() { variables.notify_socket = socket.address(); }
  service_manager manager() { return service_manager{variables, self, log}; }
};

}  // namespace

TEST_SUITE("daemon.service_manager") {
  TEST_CASE("each stage of the process's life is told in the words of sd_notify") {
    world w;
    auto manager = w.manager();
    CHECK(manager.listens());
    manager.starting("reading the store", 90s);
    manager.ready("3 of 3");
    manager.stopping("stopping", 20s + 1us);
    words const expected{"EXTEND_TIMEOUT_USEC=90000000\nSTATUS=reading the store",
                         "READY=1\nSTATUS=3 of 3",
                         "STOPPING=1\nEXTEND_TIMEOUT_USEC=20000001\nSTATUS=stopping"};
    CHECK(w.socket.take() == expected);
    CHECK(w.log.lines.empty());
  }

  TEST_CASE("a reload says when it began, on the manager's own clock, and ends with READY") {
    world w;
    auto manager = w.manager();
    manager.reloading();
    manager.ready("good");
    auto const told = w.socket.take();
    REQUIRE(told.size() == 2);
    constexpr std::string_view head = "RELOADING=1\nMONOTONIC_USEC=";
    constexpr std::string_view tail = "\nSTATUS=reloading";
    REQUIRE(told.front().starts_with(head));
    REQUIRE(told.front().ends_with(tail));
    auto const digits =
        told.front().substr(head.size(), told.front().size() - head.size() - tail.size());
    CHECK(digits.find_first_not_of("0123456789") == std::string::npos);
    CHECK(digits.size() >= 6);
    CHECK(told.back() == "READY=1\nSTATUS=good");
  }

  TEST_CASE("a sign of life has the status only when it is another one") {
    world w;
    w.variables.watchdog_usec = "30000000";
    auto manager = w.manager();
    CHECK(manager.watchdog() == 30s);
    manager.ready("a");
    manager.alive("a");
    manager.alive("b");
    manager.alive("b");
    words const expected{"READY=1\nSTATUS=a", "WATCHDOG=1", "WATCHDOG=1\nSTATUS=b", "WATCHDOG=1"};
    CHECK(w.socket.take() == expected);
  }

  TEST_CASE("without a watchdog only a changed status is told") {
    world w;
    auto manager = w.manager();
    CHECK(manager.watchdog() == std::nullopt);
    manager.alive("a");
    manager.alive("a");
    CHECK(w.socket.take() == words{"STATUS=a"});
  }

  TEST_CASE("a status is one printable line, and has an end") {
    world w;
    auto manager = w.manager();
    manager.ready("bad\nREADY=0\xff" + std::string(5000, 'x'));
    auto const told = w.socket.take();
    REQUIRE(told.size() == 1);
    CHECK(told.front().starts_with("READY=1\nSTATUS=bad?READY=0?xxx"));
    CHECK(told.front().size() < 1100);
  }

  TEST_CASE("without a manager nothing happens") {
    test::recording_logger log;
    service_manager manager{with_watchdog("5000000", ""), self, log};
    CHECK(!manager.listens());
    CHECK(manager.watchdog() == std::nullopt);
    manager.ready("a");
    manager.alive("a");
    CHECK(log.lines.empty());
  }

  TEST_CASE("an address that cannot be used is a warning, not an end") {
    world w;
    w.variables.notify_socket = "vsock:2:9999";
    auto manager = w.manager();
    CHECK(!manager.listens());
    CHECK(w.log.count("warning service_manager_unreachable socket=vsock:2:9999") == 1);
  }

  TEST_CASE("a manager that is gone is complained about once, until it is back") {
    world w;
    w.variables.notify_socket = w.folder.path("gone");
    auto manager = w.manager();
    manager.ready("a");
    manager.ready("a");
    CHECK(w.log.count("service_manager_unreachable") == 1);
    {
      test::datagram_receiver const back{w.folder.path("gone")};
      manager.ready("a");
      CHECK(back.take() == words{"READY=1\nSTATUS=a"});  // told again: nobody has heard it
    }
    manager.ready("a");
    CHECK(w.log.count("service_manager_unreachable") == 2);
  }

  TEST_CASE("the watchdog's time counts for the process that it names") {
    CHECK(watchdog_time(with_watchdog("", ""), self) == std::nullopt);
    CHECK(watchdog_time(with_watchdog("3000000", ""), self) == 3s);
    CHECK(watchdog_time(with_watchdog("3000000", "4711"), self) == 3s);
    CHECK(watchdog_time(with_watchdog("3000000", "4712"), self) == std::nullopt);
    CHECK(watchdog_time(with_watchdog("0", ""), self) == std::nullopt);
    CHECK(watchdog_time(with_watchdog("18446744073709551615", ""), self) == std::nullopt);
  }

  TEST_CASE("variables that are no numbers are start-up errors") {
    for (auto const& bad :
         {with_watchdog("3s", ""), with_watchdog("-1", ""), with_watchdog("3000000", "me")}) {
      try {
        static_cast<void>(watchdog_time(bad, self));
        FAIL("taken");
      } catch (startup_error const& error) {
        CHECK(error.code() == exit_code::configuration);
        CHECK(std::string{error.what()}.find("WATCHDOG_") != std::string::npos);
      }
    }
  }
}
