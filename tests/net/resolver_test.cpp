#include "net/resolver.hpp"

#include "async/task_group.hpp"
#include "async/with_deadline.hpp"
#include "support/run_task.hpp"
#include "support/virtual_time.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::net;
using namespace std::chrono_literals;
using test::run_task;
using test::run_until;

namespace {

// A resolver's function that hangs until it is let go; shared with threads that may outlive a test.
struct gate {
  result<endpoints> pass(std::uint16_t port) {
    std::unique_lock lock{mutex};
    ++inside;
    most = std::max(most, inside);
    ++calls;
    changed.notify_all();
    changed.wait(lock, [this] { return open; });
    --inside;
    changed.notify_all();
    return endpoints{asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), port}};
  }
  void wait_for_calls(int count) {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return calls >= count; });
  }
  void let_go() {
    std::lock_guard const lock{mutex};
    open = true;
    changed.notify_all();
  }
  void wait_until_empty() {
    std::unique_lock lock{mutex};
    changed.wait(lock, [this] { return inside == 0; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  int most = 0;
  int calls = 0;
  bool open = false;
};

resolver::lookup through(std::shared_ptr<gate> const& shared) {
  return [shared](std::string const&, std::uint16_t port) { return shared->pass(port); };
}

task<> count_answers(resolver& names, int& answers) {
  auto const found = co_await names.resolve("example.com", 1);
  if (found.has_value()) ++answers;
}

}  // namespace

TEST_SUITE("net.resolver") {
  TEST_CASE("numeric addresses need neither thread nor waiting") {
    event_loop loop;
    auto const fail = [](std::string const&, std::uint16_t) -> result<endpoints> {
      return errc::name_not_found;
    };
    auto& names = asio::make_service<resolver>(loop, fail);
    auto const four = run_task(loop, names.resolve("192.0.2.7", 80));
    CHECK(four.value().front() == asio::ip::tcp::endpoint{asio::ip::make_address("192.0.2.7"), 80});
    auto const six = run_task(loop, names.resolve("2001:db8::1", 443));
    CHECK(six.value().front().port() == 443);
    CHECK(run_task(loop, names.resolve("127.1", 1)).error() == errc::name_not_found);
  }

  TEST_CASE("the system's resolver knows localhost and refuses what is no name") {
    event_loop loop;
    auto& names = asio::use_service<resolver>(loop);
    auto const found = run_task(loop, names.resolve("localhost", 81));
    REQUIRE(found.has_value());
    CHECK(found->front().address().is_loopback());
    CHECK(found->front().port() == 81);
    // Neither can be asked of a name server, so the network does not matter.
    CHECK(run_task(loop, names.resolve("a..b", 1)).error() == errc::name_not_found);
    CHECK(run_task(loop, names.resolve(std::string(300, 'a'), 1)).error() == errc::name_not_found);
  }

  TEST_CASE("an answer and an error come back from the thread") {
    event_loop loop;
    std::atomic<int> other_threads{0};
    auto const self = std::this_thread::get_id();
    auto const answer = [&](std::string const& host, std::uint16_t) -> result<endpoints> {
      if (std::this_thread::get_id() != self) ++other_threads;
      if (host == "none") return errc::no_address;
      return endpoints{asio::ip::tcp::endpoint{}};
    };
    auto& names = asio::make_service<resolver>(loop, answer);
    CHECK(run_task(loop, names.resolve("some", 1)).has_value());
    CHECK(run_task(loop, names.resolve("none", 1)).error() == errc::no_address);
    CHECK(other_threads == 2);
  }

  TEST_CASE("a deadline ends the wait at once though the thread hangs on") {
    auto const hanging = std::make_shared<gate>();
    {
      event_loop loop;
      test::virtual_time time{loop};
      auto& names = asio::make_service<resolver>(loop, through(hanging));
      std::optional<error_code> outcome;
      auto waiting = with_deadline(time, time.now() + 2s, names.resolve("example.com", 1));
      asio::co_spawn(loop, std::move(waiting), [&](std::exception_ptr, result<endpoints> found) {
        outcome = found.has_value() ? error_code{} : found.error();
      });
      time.settle();
      hanging->wait_for_calls(1);
      time.advance(1999ms);
      CHECK_FALSE(outcome.has_value());
      time.advance(1ms);
      CHECK(outcome == errc::timed_out);
    }
    hanging->let_go();  // the loop is gone: the thread finds nobody to tell
    hanging->wait_until_empty();
  }

  TEST_CASE("a caller that has left is not told, and the next one is served") {
    auto const hanging = std::make_shared<gate>();
    event_loop loop;
    test::virtual_time time{loop};
    auto& names = asio::make_service<resolver>(loop, through(hanging));
    task_group group{loop.get_executor(), [](std::exception_ptr) {}};
    int answers = 0;
    group.spawn(count_answers(names, answers));
    time.settle();
    hanging->wait_for_calls(1);
    group.stop();
    time.settle();
    CHECK(group.size() == 0);
    hanging->let_go();
    CHECK(run_task(loop, names.resolve("example.com", 1)).has_value());
    CHECK(answers == 0);
  }

  TEST_CASE("look-ups are bounded; the others wait their turn and are served") {
    constexpr int callers = 30;
    auto const hanging = std::make_shared<gate>();
    event_loop loop;
    test::virtual_time time{loop};
    auto& names = asio::make_service<resolver>(loop, through(hanging));
    task_group group{loop.get_executor(), [](std::exception_ptr) {}};
    int answers = 0;
    for (int i = 0; i < callers; ++i) group.spawn(count_answers(names, answers));
    time.settle();
    hanging->wait_for_calls(resolver::lookups_max);
    hanging->let_go();
    run_until(loop, [&] { return answers == callers; });
    CHECK(hanging->most <= static_cast<int>(resolver::lookups_max));
    CHECK(hanging->calls == callers);
  }

  TEST_CASE("callers that leave while all threads hang cost no look-up") {
    auto const hanging = std::make_shared<gate>();
    event_loop loop;
    test::virtual_time time{loop};
    auto& names = asio::make_service<resolver>(loop, through(hanging));
    task_group group{loop.get_executor(), [](std::exception_ptr) {}};
    int answers = 0;
    for (int i = 0; i < 100; ++i) group.spawn(count_answers(names, answers));
    time.settle();
    hanging->wait_for_calls(resolver::lookups_max);
    group.stop();
    time.settle();
    hanging->let_go();
    CHECK(run_task(loop, names.resolve("example.com", 1)).has_value());
    CHECK(hanging->calls == static_cast<int>(resolver::lookups_max) + 1);
  }
}
