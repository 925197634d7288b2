#pragma once
// Runs one coroutine from a test.

#include "async/task.hpp"

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

namespace wixtokend::test {

namespace detail {

template <class T>
task<> store(task<T> work, std::optional<T>& into) {
  into.emplace(co_await std::move(work));
}

}  // namespace detail

/// Runs the loop until `done()`. Throws if nothing happens for ten seconds (a hang), or if the loop
/// has nothing left to do: a test fails then instead of waiting for ever.
template <class Predicate>
void run_until(event_loop& loop, Predicate done) {
  constexpr std::chrono::seconds patience{10};
  while (!done()) {
    loop.restart();
    if (loop.run_one_for(patience) == 0) throw std::runtime_error{"the coroutine hangs"};
  }
}

/// Runs the loop until the coroutine has ended; what leaves it as an exception is thrown on. Other
/// coroutines of the loop run meanwhile and stay where they are then.
inline void run_task(event_loop& loop, task<> work) {
  bool done = false;
  std::exception_ptr failure;
  asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown) {
    done = true;
    failure = std::move(thrown);
  });
  run_until(loop, [&] { return done; });
  if (failure) std::rethrow_exception(failure);
}

/// As above. @returns what the coroutine returned.
template <class T>
T run_task(event_loop& loop, task<T> work) {
  std::optional<T> value;
  run_task(loop, detail::store(std::move(work), value));
  return std::move(*value);
}

}  // namespace wixtokend::test
