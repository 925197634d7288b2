#include "async/timer_queue.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

constexpr instant at(int seconds) {
  return instant{std::chrono::seconds{seconds}};
}

struct recorder {
  timer_queue::handler write(char letter) {
    return [this, letter](boost::system::error_code) { written.push_back(letter); };
  }
  void run_due(instant now) {
    while (auto due = queue.pop_due(now)) std::move(due)(boost::system::error_code{});
  }
  timer_queue queue;
  std::string written;
};

}  // namespace

TEST_SUITE("async.timer_queue") {
  TEST_CASE("waits come out by instant, equal ones in the order of adding") {
    recorder all;
    all.queue.add(at(2), all.write('c'));
    all.queue.add(at(1), all.write('a'));
    all.queue.add(at(2), all.write('d'));
    all.queue.add(at(1), all.write('b'));
    CHECK(all.queue.earliest() == at(1));
    all.run_due(at(0));
    CHECK(all.written.empty());
    all.run_due(at(1));
    CHECK(all.written == "ab");
    CHECK(all.queue.earliest() == at(2));
    all.run_due(at(3));
    CHECK(all.written == "abcd");
    CHECK(all.queue.size() == 0);
    CHECK(all.queue.earliest() == never);
  }

  TEST_CASE("a wait that is removed never comes out, and is found only once") {
    recorder all;
    auto const first = all.queue.add(at(1), all.write('a'));
    all.queue.add(at(1), all.write('b'));
    auto removed = all.queue.remove(first);
    CHECK(static_cast<bool>(removed));
    CHECK_FALSE(static_cast<bool>(all.queue.remove(first)));
    all.run_due(at(1));
    CHECK(all.written == "b");
  }

  TEST_CASE("a wait that has run is not found any more, even if another has its instant") {
    recorder all;
    auto const first = all.queue.add(at(1), all.write('a'));
    all.run_due(at(1));
    all.queue.add(at(1), all.write('b'));
    CHECK_FALSE(static_cast<bool>(all.queue.remove(first)));
    CHECK(all.queue.size() == 1);
  }

  TEST_CASE("a wait for never is kept and never due") {
    recorder all;
    all.queue.add(never, all.write('a'));
    all.run_due(never - 1ns);
    CHECK(all.written.empty());
    CHECK(all.queue.size() == 1);
  }
}
