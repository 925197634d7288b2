#pragma once
// A configuration file, loaded as a whole: read, checked, and completed with what it refers to.

#include "daemon/config.hpp"
#include "daemon/config_problem.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::daemon {

inline constexpr char const* default_config_file = "/etc/wixtokend/wixtokend.toml";

/// A configuration; it may be used only if there are no errors.
struct loaded_configuration {
  configuration settings;
  std::vector<config_problem> errors;    ///< all of them, in the order of the file
  std::vector<config_problem> warnings;  ///< likewise
};

/// What a configuration takes from the environment of the process.
struct surroundings {
  std::string credentials_directory;  ///< `CREDENTIALS_DIRECTORY` of systemd.exec(5), or empty
  std::string https_proxy;            ///< `HTTPS_PROXY`, or empty
  std::string no_proxy;               ///< `NO_PROXY`, or empty
};

/// Loads a file. All that is wrong is found in one go; only a file that is not TOML at all ends at
/// its first error. Names of users and groups become numbers, secrets are read, relative paths
/// (`app_secret_file`, `ca_file`) are taken from the folder of the file.
[[nodiscard]] loaded_configuration load_configuration(std::string const& file,
                                                      surroundings const& around);

/// The same from a text; `folder` is where relative paths start.
[[nodiscard]] loaded_configuration parse_configuration(std::string_view text,
                                                       std::string const& folder,
                                                       surroundings const& around);

}  // namespace wixtokend::daemon
