#pragma once
// The signs of life that a service manager waits for.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "daemon/service_manager.hpp"

#include <functional>
#include <string>

namespace wixtokend::daemon {

/// Tells the manager every half of its watchdog's time that the loop turns, and what `status` gives
/// then; without a watchdog, the status every 30 s. It is an ordinary coroutine of the loop, woken
/// by the loop's one timer: when the loop hangs, or its timer, no sign is given.
///
/// Ends at once without a manager, else when it is cancelled.
task<> keep_pulse(time_source& time, service_manager& manager, std::function<std::string()> status);

}  // namespace wixtokend::daemon
