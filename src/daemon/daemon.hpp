#pragma once
// The daemon as a whole: everything is made, runs, and is taken down in the reverse order.

#include "daemon/config.hpp"
#include "daemon/reloading.hpp"
#include "daemon/service_manager.hpp"
#include "observe/log.hpp"

#include <string>

namespace wixtokend::daemon {

/// Serves until SIGTERM or SIGINT, and then through the shutdown; loads the configuration again at
/// SIGHUP. Throws `startup_error` if it cannot start; any other exception is a bug or a lack of
/// memory.
/// @param source      Where the settings are from.
/// @param started_by  The service manager, if there is one: it is told how the process does, and
///                    the sockets that it has passed on are served.
void run_daemon(configuration settings, configuration_source source,
                manager_variables const& started_by, observe::logger& log);

}  // namespace wixtokend::daemon
