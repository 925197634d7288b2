#include "async/system_time.hpp"

#include <boost/system/system_error.hpp>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>

namespace wixtokend {
namespace {

std::chrono::nanoseconds read_clock(clockid_t which) noexcept {
  timespec at{};
  ::clock_gettime(which, &at);
  return std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec};
}

int create_timer() {
  int const descriptor = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (descriptor < 0) {
    throw boost::system::system_error{errno, boost::system::system_category(), "timerfd_create"};
  }
  return descriptor;
}

}  // namespace

system_time::system_time(event_loop& loop) : time_source{loop}, timer_{loop, create_timer()} {}

instant system_time::now() const noexcept {
  return instant{read_clock(CLOCK_BOOTTIME)};
}

wall_time system_time::wall_now() const noexcept {
  return wall_time{std::chrono::duration_cast<wall_time::duration>(read_clock(CLOCK_REALTIME))};
}

void system_time::earliest_changed() {
  auto const earliest = queue().earliest();
  if (earliest != armed_for_) arm(earliest);
  // The descriptor is watched only while somebody waits, so that an idle loop can run out.
  if (earliest != never && !watching_) watch();
  if (earliest == never && watching_) timer_.cancel();
}

void system_time::arm(instant when) {
  armed_for_ = when;
  itimerspec setting{};  // all zero: disarmed
  if (when != never) {
    auto const since_boot = std::max(when.time_since_epoch(), duration{1});
    auto const whole = std::chrono::duration_cast<std::chrono::seconds>(since_boot);
    setting.it_value.tv_sec = whole.count();
    setting.it_value.tv_nsec = (since_boot - whole).count();
  }
  int const failed =
      ::timerfd_settime(timer_.native_handle(), TFD_TIMER_ABSTIME, &setting, nullptr);
  assert(failed == 0);
}

void system_time::watch() {
  watching_ = true;
  timer_.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code ec) {
    watching_ = false;
    if (ec && queue().size() == 0) return;
    std::uint64_t expirations = 0;
    [[maybe_unused]] auto const drained =
        ::read(timer_.native_handle(), &expirations, sizeof expirations);
    armed_for_ = never;
    run_due();
    earliest_changed();
  });
}

}  // namespace wixtokend
