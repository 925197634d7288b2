#pragma once
// The daemon as a whole: everything is made, runs, and is taken down in the reverse order.

#include "daemon/config.hpp"
#include "observe/log.hpp"

#include <string>

namespace wixtokend::daemon {

/// Serves until SIGTERM or SIGINT, and then through the shutdown. Throws `startup_error` if it
/// cannot start; any other exception is a bug or a lack of memory.
void run_daemon(configuration settings, observe::logger& log);

}  // namespace wixtokend::daemon
