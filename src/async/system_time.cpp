#include "async/system_time.hpp"

#include <boost/system/system_error.hpp>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <utility>

namespace wixtokend {
namespace {

int create_timer() {
  int const descriptor = ::timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (descriptor < 0) {
    throw boost::system::system_error{errno, boost::system::system_category(), "timerfd_create"};
  }
  return descriptor;
}

// Makes a descriptor wait for the next event. What was read is of no use.
void drain(int descriptor) noexcept {
  std::uint64_t expirations = 0;
  [[maybe_unused]] auto const drained = ::read(descriptor, &expirations, sizeof expirations);
}

}  // namespace

// The watch comes before the first reading, so that no step falls between them.
system_time::system_time(event_loop& loop, std::unique_ptr<kernel_clocks const> clocks)
    : time_source{loop},
      clocks_{std::move(clocks)},
      timer_{loop, create_timer()},
      step_watch_{loop},
      steps_{{}, false},
      state_seen_{} {
  if (int const descriptor = clocks_->open_step_watch(); descriptor >= 0) {
    step_watch_.assign(descriptor);
  }
  auto const first = clocks_->read_closely();
  steps_ = clock_steps{first, clocks_->synchronised()};
  state_seen_ = first.boot;
}

instant system_time::now() const noexcept {
  auto const seen = clocks_->read();
  if (!steps_.unchanged(seen)) notice_step();
  return instant{seen.boot + steps_.counted()};
}

time_stamp system_time::stamp() const noexcept {
  auto const seen = clocks_->read_closely();
  auto const at = now();
  auto const wall = std::chrono::floor<std::chrono::milliseconds>(seen.wall);
  return {at, seen.boot, wall_time{wall}, clocks_->synchronised()};
}

// A step also ends the synchronisation, until whoever keeps the clock has looked at it again.
void system_time::notice_step() const noexcept {
  steps_.note(clocks_->read_closely());
  steps_.set_synchronised(clocks_->synchronised());
}

// Nothing tells when the clock is synchronised for the first time. So this looks now and then, but
// only when a wait is being armed: every mint has deadlines, and an idle process stays asleep.
void system_time::look_at_state() {
  constexpr std::chrono::seconds often_enough{1};
  auto const seen = clocks_->read();
  if (!steps_.unchanged(seen)) return notice_step();
  if (seen.boot - state_seen_ < often_enough) return;
  state_seen_ = seen.boot;
  steps_.set_synchronised(clocks_->synchronised());
}

wall_time system_time::wall_now() const noexcept {
  return wall_time{std::chrono::duration_cast<wall_time::duration>(clocks_->read().wall)};
}

void system_time::earliest_changed() {
  auto const earliest = queue().earliest();
  bool const stepped = earliest != never && armed_with_ != steps_.counted();
  if (earliest != armed_for_ || stepped) arm(earliest);
  // The descriptors are watched only while somebody waits, so that an idle loop can run out.
  if (earliest != never) {
    if (!watching_) watch();
    if (!watching_steps_ && step_watch_.is_open()) watch_steps();
  } else {
    if (watching_) timer_.cancel();
    if (watching_steps_) step_watch_.cancel();
  }
}

void system_time::arm(instant when) {
  look_at_state();
  armed_for_ = when;
  armed_with_ = steps_.counted();
  itimerspec setting{};  // all zero: disarmed
  if (when != never) {
    auto const since_boot = std::max(when.time_since_epoch() - armed_with_, duration{1});
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
    drain(timer_.native_handle());
    armed_for_ = never;
    woken();
  });
}

void system_time::watch_steps() {
  watching_steps_ = true;
  step_watch_.async_wait(asio::posix::descriptor_base::wait_read, [this](error_code ec) {
    watching_steps_ = false;
    if (ec && queue().size() == 0) return;
    drain(step_watch_.native_handle());
    woken();
  });
}

void system_time::woken() {
  run_due();
  earliest_changed();
  auto const untold = steps_.counted() - told_;
  if (untold == duration{}) return;
  told_ = steps_.counted();
  if (tell_) tell_(untold);
}

}  // namespace wixtokend
