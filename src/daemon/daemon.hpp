#pragma once
// The daemon as a whole: everything is made, runs, and is taken down in the reverse order.

#include "daemon/config.hpp"
#include "daemon/reloading.hpp"
#include "observe/log.hpp"

#include <string>

namespace wixtokend::daemon {

/// Serves until SIGTERM or SIGINT, and then through the shutdown; loads the configuration again at
/// SIGHUP. Throws `startup_error` if it cannot start; any other exception is a bug or a lack of
/// memory.
/// @param source  Where the settings are from.
void run_daemon(configuration settings, configuration_source source, observe::logger& log);

}  // namespace wixtokend::daemon
