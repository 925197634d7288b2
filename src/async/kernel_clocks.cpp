#include "async/kernel_clocks.hpp"

#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

namespace wixtokend {
namespace {

std::chrono::nanoseconds read_clock(clockid_t which) noexcept {
  timespec at{};
  ::clock_gettime(which, &at);
  return std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec};
}

}  // namespace

clock_reading kernel_clocks::read() const noexcept {
  auto const boot = read_clock(CLOCK_BOOTTIME);
  return {boot, read_clock(CLOCK_REALTIME)};
}

std::chrono::nanoseconds kernel_clocks::monotonic() noexcept {
  return read_clock(CLOCK_MONOTONIC);
}

clock_reading kernel_clocks::read_closely() const noexcept {
  constexpr int attempts_max = 100;
  clock_reading reading;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    reading = read();
    if (read().boot - reading.boot < clock_steps::reading_error) break;
  }
  return reading;
}

bool kernel_clocks::synchronised() const noexcept {
  constexpr long error_max_us = 16'000'000;  // NTP_PHASE_LIMIT of the kernel
  timex state{};
  return ::adjtimex(&state) >= 0 && state.maxerror < error_max_us;
}

// A timer that never expires, and is cancelled by every step; it stays armed after that.
int kernel_clocks::open_step_watch() const noexcept {
  int const descriptor = ::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (descriptor < 0) return -1;
  itimerspec setting{};
  setting.it_value.tv_sec = std::numeric_limits<time_t>::max();
  constexpr int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
  // ECANCELED: the clock was set in this very moment; the timer is armed all the same.
  if (::timerfd_settime(descriptor, flags, &setting, nullptr) == 0 || errno == ECANCELED) {
    return descriptor;
  }
  ::close(descriptor);
  return -1;
}

}  // namespace wixtokend
