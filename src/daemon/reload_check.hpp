#pragma once
// What of a configuration can be changed while the daemon runs.

#include "daemon/config.hpp"

#include <string>
#include <vector>

namespace wixtokend::daemon {

/// The keys that differ although they need a restart: `log.level`, `app.main.base_url`,
/// `socket.admin.path`. Empty: the wanted configuration can be put in force.
[[nodiscard]] std::vector<std::string> keys_for_restart(configuration const& in_force,
                                                        configuration const& wanted);

/// Whether an app has another secret than before. The apps must be the same ones.
[[nodiscard]] bool has_new_secret(configuration const& in_force, configuration const& wanted);

/// The files whose change is noticed: app secrets that are named by a file.
[[nodiscard]] std::vector<std::string> watched_files(configuration const& settings);

}  // namespace wixtokend::daemon
