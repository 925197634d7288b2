#pragma once
// Bounds a wait in time.

#include "async/task.hpp"
#include "async/time_source.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace wixtokend {

namespace detail {

// Asio hands over a default-constructed value beside an exception; not every result has one.
template <class T>
task<std::optional<result<T>>> boxed(task<result<T>> operation) {
  co_return co_await std::move(operation);
}

}  // namespace detail

/// Awaits `operation`, cancels it at `limit`.
///
/// @returns what the operation returned, or `timed_out`. The cancelled operation is awaited to its
///          end, so it must react to cancellation at once: `getaddrinfo` does not, and therefore
///          runs on a thread of its own (`net/resolver`). If it succeeds in the very turn in which
///          the limit passes, its value counts. Its exceptions, and our own cancellation, go on.
template <class T>
task<result<T>> with_deadline(time_source& time, instant limit, task<result<T>> operation) {
  // Asio's `operator||` is not used: it would wait for the timer after an exception, and wrap
  // cancellation into an exception of another type. Each part has a name because g++ 12 destroys
  // closures twice when they are temporaries of a co_await.
  auto const where = co_await asio::this_coro::executor;
  auto group = asio::experimental::make_parallel_group(
      asio::co_spawn(where, detail::boxed(std::move(operation)), asio::deferred),
      asio::co_spawn(where, time.sleep_until(limit), asio::deferred));
  auto both = group.async_wait(asio::experimental::wait_for_one(), use_task);
  auto [order, failure, outcome, timer_failure] = co_await std::move(both);

  bool const timed_out = order[0] == 1;
  if (timed_out && timer_failure) std::rethrow_exception(timer_failure);
  if (timed_out && (failure || !outcome.has_value() || !outcome->has_value())) {
    co_return errc::timed_out;
  }
  if (failure) std::rethrow_exception(failure);
  co_return std::move(*outcome);
}

}  // namespace wixtokend
