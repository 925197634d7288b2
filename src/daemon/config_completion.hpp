#pragma once
// What the settings refer to: secrets and keys in files, users and groups, proxies.

#include "daemon/config_problem.hpp"
#include "daemon/config_reader.hpp"
#include "net/peer.hpp"

#include <string>
#include <vector>

namespace wixtokend::daemon {

/// What a configuration takes from the environment of the process.
struct surroundings {
  std::string credentials_directory;  ///< `CREDENTIALS_DIRECTORY` of systemd.exec(5), or empty
  std::string https_proxy;            ///< `HTTPS_PROXY`, or empty
  std::string no_proxy;               ///< `NO_PROXY`, or empty
  net::overflow_ids overflow{};       ///< which nobody can be granted anything by
};

/// Reads secrets and keys from their files or systemd credentials, makes numbers of the names of
/// users and groups, makes the access rules, chooses proxies, and takes relative paths
/// (`app_secret_file`, `ca_file`, `webhook_public_key_file`, `key_file`) from `folder`. Adds a
/// problem for each that is of no use.
void complete_configuration(config_reading& reading, std::string const& folder,
                            surroundings const& around, std::vector<config_problem>& warnings);

}  // namespace wixtokend::daemon
