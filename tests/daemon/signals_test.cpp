#include "daemon/signals.hpp"

#include "async/task_group.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <exception>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;

task<> collect(signals& source, std::size_t count, std::vector<signal_event>& into) {
  while (into.size() < count) {
    auto const event = co_await source.next();
    if (!event.has_value()) co_return;  // cancelled
    into.push_back(*event);
  }
}

}  // namespace

TEST_SUITE("daemon.signals") {
  TEST_CASE("signals become events, also those that come before anybody waits") {
    event_loop loop;
    signals source{loop};
    REQUIRE(std::raise(SIGHUP) == 0);
    REQUIRE(std::raise(SIGTERM) == 0);
    REQUIRE(std::raise(SIGINT) == 0);

    std::vector<signal_event> seen;
    task_group tasks{loop.get_executor(),
                     [](std::exception_ptr failure) { std::rethrow_exception(failure); }};
    tasks.spawn(collect(source, 3, seen));
    loop.run();
    std::vector<signal_event> const expected{signal_event::reload, signal_event::stop,
                                             signal_event::stop};
    CHECK(seen == expected);
  }

  TEST_CASE("without a signal the wait can be given up") {
    event_loop loop;
    signals source{loop};
    std::vector<signal_event> seen;
    task_group tasks{loop.get_executor(),
                     [](std::exception_ptr failure) { std::rethrow_exception(failure); }};
    tasks.spawn(collect(source, 1, seen));
    loop.poll();
    tasks.stop();
    loop.restart();
    loop.run();
    CHECK(tasks.size() == 0);
    CHECK(seen.empty());
  }
}
