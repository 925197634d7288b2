#include "daemon/pulse.hpp"

#include <algorithm>
#include <chrono>

namespace wixtokend::daemon {
namespace {

using namespace std::chrono_literals;

constexpr duration status_interval = 30s;
constexpr duration interval_min = 10ms;  // whatever the watchdog's time: the loop has other work

}  // namespace

task<> keep_pulse(time_source& time, service_manager& manager,
                  std::function<std::string()> status) {
  if (!manager.listens()) co_return;
  auto const watchdog = manager.watchdog();
  auto const interval = watchdog ? std::max(*watchdog / 2, interval_min) : status_interval;
  for (;;) {
    co_await time.sleep_until(time.now() + interval);
    manager.alive(status());
  }
}

}  // namespace wixtokend::daemon
