#pragma once
// One thread that does the blocking work of the loop's coroutines, in order.

#include "async/task.hpp"

#include <functional>
#include <memory>
#include <thread>

namespace wixtokend::store {

/// Starts with construction and ends with destruction, after all that was asked for is done.
/// Belongs to the loop's thread, and must be destroyed before the loop.
class work_thread {
 public:
  /// @param idle  Called on the thread while nothing is asked for, until it returns false; then
  ///              again after the next work. Throws `std::system_error` if there is no thread.
  work_thread(executor where, std::function<bool()> idle);
  work_thread(work_thread const&) = delete;
  work_thread& operator=(work_thread const&) = delete;
  ~work_thread();

  /// Does `what` on the thread; ends when it is done. It is done also if this is cancelled: what it
  /// refers to must be its own. At most `queue_max` may wait (asserted).
  task<> run(std::function<void()> what);

  static constexpr std::size_t queue_max = 100'000;

 private:
  struct job;
  struct state;
  class caller;
  static void work(std::shared_ptr<state> const& shared);

  std::shared_ptr<state> state_;
  std::thread thread_;
};

}  // namespace wixtokend::store
