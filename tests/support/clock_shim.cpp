// A library for LD_PRELOAD: the program's machine seems to have slept for so many nanoseconds as
// the file that CLOCK_SHIM names has in its first eight bytes; they may change at any time. As
// after a sleep, CLOCK_BOOTTIME and CLOCK_REALTIME are ahead, and CLOCK_MONOTONIC is not. A timer
// that was armed before does not notice; one that is armed afterwards is right.

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

constexpr std::int64_t second_ns = 1'000'000'000;

std::atomic<std::int64_t> const* map_file() {
  char const* const name = std::getenv("CLOCK_SHIM");  // NOLINT(concurrency-mt-unsafe): first call
  int const file = name == nullptr ? -1 : ::open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) std::abort();
  auto* const mapped = ::mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped == MAP_FAILED) std::abort();
  return static_cast<std::atomic<std::int64_t> const*>(mapped);
}

std::int64_t slept_ns() {
  static auto const* const slept = map_file();
  return slept->load();
}

void add(timespec& to, std::int64_t length_ns) {
  auto const sum = to.tv_nsec + length_ns % second_ns + second_ns;
  to.tv_sec += length_ns / second_ns + sum / second_ns - 1;
  to.tv_nsec = sum % second_ns;
}

}  // namespace

extern "C" int clock_gettime(clockid_t which, timespec* into) noexcept {
  auto const failed = ::syscall(SYS_clock_gettime, which, into);
  if (failed == 0 && (which == CLOCK_BOOTTIME || which == CLOCK_REALTIME)) {
    add(*into, slept_ns());
  }
  return static_cast<int>(failed);
}

extern "C" int timerfd_settime(int timer, int flags, itimerspec const* setting,
                               itimerspec* before) noexcept {
  auto real = *setting;
  bool const armed = real.it_value.tv_sec != 0 || real.it_value.tv_nsec != 0;
  if (armed && flags == TFD_TIMER_ABSTIME) {  // but not the watch for steps of the wall clock
    add(real.it_value, -slept_ns());
    if (real.it_value.tv_sec < 0) real.it_value = {0, 1};
  }
  return static_cast<int>(::syscall(SYS_timerfd_settime, timer, flags, &real, before));
}
