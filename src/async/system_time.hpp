#pragma once
// The real clocks of this machine.

#include "async/clock_steps.hpp"
#include "async/kernel_clocks.hpp"
#include "async/time_source.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <functional>
#include <memory>

namespace wixtokend {

/// CLOCK_BOOTTIME and the forward steps of a synchronised wall clock (`clock_steps`) for deadlines,
/// CLOCK_REALTIME for dates. `now()` never goes back.
///
/// One timerfd serves all waits, so a wait that ends while the machine is suspended is over at the
/// moment it resumes. While somebody waits, a step wakes the loop at once, and every wait that it
/// passed over is over: also a timeout of a request that had time left by any other clock.
class system_time final : public time_source {
 public:
  /// Throws `boost::system::system_error` if the kernel gives no timer.
  explicit system_time(event_loop& loop, std::unique_ptr<kernel_clocks const> clocks =
                                             std::make_unique<kernel_clocks>());

  [[nodiscard]] instant now() const noexcept override;
  [[nodiscard]] wall_time wall_now() const noexcept override;
  [[nodiscard]] time_stamp stamp() const noexcept override;

  /// `tell` is called on the loop with the length of each forward step that counted as time passed;
  /// after the waits that it ended have been set going.
  void when_stepped(std::function<void(duration)> tell) { tell_ = std::move(tell); }

 private:
  void earliest_changed() override;
  void arm(instant when);
  void watch();
  void watch_steps();
  void woken();
  void notice_step() const noexcept;
  void look_at_state();

  std::unique_ptr<kernel_clocks const> clocks_;
  asio::posix::basic_stream_descriptor<executor> timer_;
  asio::posix::basic_stream_descriptor<executor> step_watch_;  ///< closed where there is none
  mutable clock_steps steps_;  ///< a step is noticed by whoever reads the clock first
  std::chrono::nanoseconds state_seen_;
  instant armed_for_ = never;
  duration armed_with_{};  ///< what was counted then
  bool watching_ = false;
  bool watching_steps_ = false;
  std::function<void(duration)> tell_;
  duration told_{};
};

}  // namespace wixtokend
