#pragma once
// A doorbell between coroutines of one loop.

#include "async/task.hpp"

#include <boost/asio/any_completion_handler.hpp>

namespace wixtokend {

/// One coroutine waits, others ring. A ring without a waiter is kept, and several count as one.
/// After a wait has ended the event is quiet again. Belongs to the loop's thread.
class event {
 public:
  explicit event(executor where) noexcept : executor_{where} {}
  event(event const&) = delete;
  event& operator=(event const&) = delete;

  void set();

  /// Waits for the next ring; at most one coroutine at a time (asserted). Can be cancelled.
  task<> wait();

 private:
  // Moved by swap() and construction only: in Boost 1.81 its move assignment calls itself for ever.
  using handler = asio::any_completion_handler<void(error_code)>;

  void finish(error_code reason);

  executor executor_;
  handler waiter_;
  bool ringing_ = false;
};

}  // namespace wixtokend
