#pragma once
// The real clocks of this machine.

#include "async/time_source.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

namespace wixtokend {

/// CLOCK_BOOTTIME for deadlines and CLOCK_REALTIME for dates. One timerfd serves all waits, so a
/// wait that ends while the machine is suspended is over at the moment it resumes.
class system_time final : public time_source {
 public:
  /// Throws `boost::system::system_error` if the kernel gives no timer.
  explicit system_time(event_loop& loop);

  [[nodiscard]] instant now() const noexcept override;
  [[nodiscard]] wall_time wall_now() const noexcept override;

 private:
  void earliest_changed() override;
  void arm(instant when);
  void watch();

  asio::posix::basic_stream_descriptor<executor> timer_;
  instant armed_for_ = never;
  bool watching_ = false;
};

}  // namespace wixtokend
