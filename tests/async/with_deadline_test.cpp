#include "async/with_deadline.hpp"

#include "async/task_group.hpp"
#include "support/run_task.hpp"
#include "support/virtual_time.hpp"

#include <boost/system/system_error.hpp>
#include <doctest/doctest.h>

#include <deque>
#include <memory>
#include <stdexcept>
#include <string>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::run_task;

namespace {

// No default constructor, no copy: what `with_deadline` must be able to carry.
struct parcel {
  explicit parcel(std::string text) : content{std::make_unique<std::string>(std::move(text))} {}
  std::unique_ptr<std::string> content;
};

struct world {
  event_loop loop;
  test::virtual_time time{loop};
  std::vector<std::string> failures;
  std::deque<std::optional<result<parcel>>> outcomes;  // written to until the group is empty
  task_group group{loop.get_executor(), [this](std::exception_ptr thrown) {
                     try {
                       std::rethrow_exception(thrown);
                     } catch (std::exception const& e) {
                       failures.emplace_back(e.what());
                     }
                   }};
};

task<result<parcel>> deliver_after(time_source& time, duration length, std::string text) {
  co_await time.sleep_until(time.now() + length);
  co_return parcel{std::move(text)};
}

task<result<parcel>> deliver_now(std::string text) {
  co_return parcel{std::move(text)};
}

task<result<parcel>> fail_after(time_source& time, duration length) {
  co_await time.sleep_until(time.now() + length);
  co_return errc::connection_closed;
}

task<result<parcel>> throw_after(time_source& time, duration length) {
  co_await time.sleep_until(time.now() + length);
  throw std::runtime_error{"broken"};
}

// Turns its own cancellation into an error, as an operation may that closes something.
task<result<parcel>> report_cancellation(time_source& time) {
  try {
    co_await time.sleep_until(never);
  } catch (boost::system::system_error const&) {
  }
  co_return errc::connection_closed;
}

task<result<void>> nothing_after(time_source& time, duration length) {
  co_await time.sleep_until(time.now() + length);
  co_return result<void>{};
}

task<> keep(task<result<parcel>> work, std::optional<result<parcel>>& into) {
  into.emplace(co_await std::move(work));
}

// Runs `work` under a deadline of 10 s and looks at what has come of it after `length`.
std::optional<result<parcel>> outcome_after(world& w, duration length, task<result<parcel>> work) {
  auto& outcome = w.outcomes.emplace_back();
  w.group.spawn(keep(with_deadline(w.time, w.time.now() + 10s, std::move(work)), outcome));
  w.time.advance(length);
  return std::move(outcome);
}

}  // namespace

TEST_SUITE("async.with_deadline") {
  TEST_CASE("what comes in time is returned, and the timer goes") {
    world w;
    auto const outcome = outcome_after(w, 9999ms, deliver_after(w.time, 9s, "here"));
    REQUIRE(outcome.has_value());
    CHECK(*outcome->value().content == "here");
    CHECK(w.time.waits() == 0);
    CHECK(w.failures.empty());
  }

  TEST_CASE("what comes without any waiting is returned") {
    world w;
    auto const outcome = outcome_after(w, 0s, deliver_now("at once"));
    REQUIRE(outcome.has_value());
    CHECK(*outcome->value().content == "at once");
    CHECK(w.time.waits() == 0);
  }

  TEST_CASE("an operation's own error is returned as it is") {
    world w;
    auto const outcome = outcome_after(w, 1s, fail_after(w.time, 1s));
    REQUIRE(outcome.has_value());
    CHECK(outcome->error() == errc::connection_closed);
  }

  TEST_CASE("at the limit the operation is cancelled and the outcome is timed_out") {
    world w;
    auto held = deliver_after(w.time, 11s, "late");
    auto const before = outcome_after(w, 9999ms, std::move(held));
    CHECK_FALSE(before.has_value());
    world v;
    auto const after = outcome_after(v, 10s, deliver_after(v.time, 11s, "late"));
    REQUIRE(after.has_value());
    CHECK(after->error() == errc::timed_out);
    CHECK(v.time.waits() == 0);
    w.group.stop();
    w.time.settle();
  }

  TEST_CASE("an operation that reports its cancellation as an error has timed out as well") {
    world w;
    auto const outcome = outcome_after(w, 10s, report_cancellation(w.time));
    REQUIRE(outcome.has_value());
    CHECK(outcome->error() == errc::timed_out);
  }

  TEST_CASE("success in the very moment of the limit counts") {
    world w;
    auto const outcome = outcome_after(w, 10s, deliver_after(w.time, 10s, "just"));
    REQUIRE(outcome.has_value());
    CHECK(outcome->has_value());
  }

  TEST_CASE("a limit in the past cancels at the first wait") {
    world w;
    auto const past = w.time.now() - 1s;
    auto slow = with_deadline(w.time, past, deliver_after(w.time, 1s, "late"));
    CHECK(run_task(w.loop, std::move(slow)).error() == errc::timed_out);
    auto quick = with_deadline(w.time, past, deliver_now("no wait"));
    CHECK(run_task(w.loop, std::move(quick)).has_value());
  }

  TEST_CASE("an exception goes on at once, not at the limit, and as itself") {
    world w;
    CHECK_FALSE(outcome_after(w, 1s, throw_after(w.time, 1s)).has_value());
    CHECK(w.failures == std::vector<std::string>{"broken"});
    CHECK(w.time.waits() == 0);
    CHECK(w.group.size() == 0);
  }

  TEST_CASE("cancellation from outside goes on as cancellation and leaves nothing behind") {
    world w;
    CHECK_FALSE(outcome_after(w, 1s, deliver_after(w.time, 5s, "never")).has_value());
    CHECK_FALSE(outcome_after(w, 0s, report_cancellation(w.time)).has_value());
    w.group.stop();
    w.time.settle();
    CHECK(w.group.size() == 0);
    CHECK(w.failures.empty());  // a cancelled coroutine is not a failed one
    CHECK(w.time.waits() == 0);
  }

  TEST_CASE("deadlines nest: the sooner one holds") {
    world w;
    auto const now = w.time.now();
    auto inner = with_deadline(w.time, now + 1h, deliver_after(w.time, 2h, "late"));
    auto const outcome = outcome_after(w, 10s, std::move(inner));
    REQUIRE(outcome.has_value());
    CHECK(outcome->error() == errc::timed_out);
    CHECK(w.time.waits() == 0);
    auto sooner = with_deadline(w.time, w.time.now() + 1s, deliver_after(w.time, 2h, "late"));
    CHECK(outcome_after(w, 1s, std::move(sooner)).has_value());
  }

  TEST_CASE("an operation without a value has a deadline too") {
    world w;
    std::optional<result<void>> outcome;
    auto const record = [&](std::exception_ptr, result<void> value) { outcome = value; };
    auto work = with_deadline(w.time, w.time.now() + 1s, nothing_after(w.time, 2s));
    asio::co_spawn(w.loop, std::move(work), record);
    w.time.advance(1s);
    REQUIRE(outcome.has_value());
    CHECK(outcome->error() == errc::timed_out);
  }

  TEST_CASE("a loop may end in the middle of it") {
    event_loop loop;
    test::virtual_time time{loop};
    auto work = with_deadline(time, time.now() + 1s, deliver_after(time, 2s, "never"));
    std::optional<result<parcel>> outcome;
    asio::co_spawn(loop, keep(std::move(work), outcome), [](std::exception_ptr) {});
    time.settle();
    CHECK(time.waits() == 2);
  }
}
