#pragma once
// What the kernel says of time. A class of its own, so that tests of `system_time` can lie.

#include "async/clock_steps.hpp"

namespace wixtokend {

/// Reads the clocks, and has itself told of their steps. Stateless.
class kernel_clocks {
 public:
  kernel_clocks() = default;
  kernel_clocks(kernel_clocks const&) = delete;
  kernel_clocks& operator=(kernel_clocks const&) = delete;
  virtual ~kernel_clocks() = default;

  /// Both clocks, one after the other: a thread that is held up in between reads them apart.
  [[nodiscard]] virtual clock_reading read() const noexcept;

  /// CLOCK_MONOTONIC: of no use for deadlines of ours, but service managers count by it.
  [[nodiscard]] static std::chrono::nanoseconds monotonic() noexcept;

  /// Both clocks within `clock_steps::reading_error`, unless the thread is held up each time.
  [[nodiscard]] clock_reading read_closely() const noexcept;

  /// Whether the wall clock is kept right by somebody (NTP, PTP). False also where the system call
  /// is forbidden, as it is under systemd's `ProtectClock=`.
  ///
  /// Decided by the maximum error, as `timedatectl` does, and not by STA_UNSYNC: chrony leaves
  /// that flag standing unless it may write the hardware clock (`rtcsync`). Every step sets the
  /// error to its limit until the next synchronisation. Source: adjtimex(2).
  [[nodiscard]] virtual bool synchronised() const noexcept;

  /// A descriptor that becomes readable each time when the wall clock is set (timerfd_create(2),
  /// TFD_TIMER_CANCEL_ON_SET); -1 where that does not exist, as in some sandboxes.
  [[nodiscard]] virtual int open_step_watch() const noexcept;
};

}  // namespace wixtokend
