#pragma once
// The owner of coroutines that run by themselves: start, stop, join.

#include "async/event.hpp"
#include "async/task.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <list>

namespace wixtokend {

/// Everything that is not awaited is spawned here, so that nothing is lost at shutdown and no
/// exception is swallowed. Belongs to the loop's thread; must be empty when destroyed (asserted).
class task_group {
 public:
  /// @param failed  Called with an exception that left a coroutine, other than cancellation. It
  ///                may rethrow, which ends `event_loop::run()`.
  task_group(executor where, std::function<void(std::exception_ptr)> failed);
  task_group(task_group const&) = delete;
  task_group& operator=(task_group const&) = delete;
  ~task_group();

  /// Starts a coroutine; what it refers to must live until it ends. After `stop()` it is destroyed
  /// without being started.
  void spawn(task<> work);

  /// Cancels all coroutines: they end at their next `co_await`, and one that has not yet started
  /// never does. Idempotent.
  void stop();

  /// Waits until no coroutine is left. One caller at a time.
  task<> join();

  [[nodiscard]] std::size_t size() const noexcept { return running_.size(); }

 private:
  struct member {
    asio::cancellation_signal signal;
    bool started = false;
  };
  using place = std::list<member>::iterator;

  struct ending;

  task<> run(place which, task<> work);
  void ended(place which, std::exception_ptr failure);

  executor executor_;
  std::function<void(std::exception_ptr)> failed_;
  std::list<member> running_;
  event emptied_;
  bool stopping_ = false;
};

}  // namespace wixtokend
