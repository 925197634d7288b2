#pragma once
// The port of time: the only place where clocks are read and waits are made.

#include "async/task.hpp"
#include "async/timer_queue.hpp"
#include "base/time.hpp"

namespace wixtokend {

/// Tells the time and waits for it. Implemented by `system_time` and by the tests' virtual clock.
/// Belongs to the loop's thread and must outlive every coroutine that waits on it.
class time_source {
 public:
  explicit time_source(event_loop& loop) noexcept : executor_{loop.get_executor()} {}
  time_source(time_source const&) = delete;
  time_source& operator=(time_source const&) = delete;
  virtual ~time_source() = default;

  [[nodiscard]] virtual instant now() const noexcept = 0;
  [[nodiscard]] virtual wall_time wall_now() const noexcept = 0;

  /// This moment by every clock, for what is kept over a restart.
  [[nodiscard]] virtual time_stamp stamp() const noexcept {
    return {now(), now().time_since_epoch(), wall_now(), true};
  }

  /// Waits until `now() >= when`; at once (but not inline) if that is so already.
  /// Can be cancelled; throws `operation_aborted` then.
  task<> sleep_until(instant when);

 protected:
  /// Completes every wait that is due. To be called when the clock has moved.
  void run_due();

  [[nodiscard]] timer_queue const& queue() const noexcept { return queue_; }

 private:
  /// The soonest wait may have changed.
  virtual void earliest_changed() = 0;

  void cancel(timer_queue::position which);
  void finish(timer_queue::handler completion, error_code reason);

  executor executor_;
  timer_queue queue_;
};

}  // namespace wixtokend
