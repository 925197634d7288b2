#pragma once
// A configuration file, loaded as a whole: read, checked, and completed with what it refers to.

#include "daemon/config.hpp"
#include "daemon/config_completion.hpp"
#include "daemon/config_problem.hpp"

#include <cstdint>
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

/// Whether what a configuration refers to is read, too. Left, secrets and keys stay empty: for
/// commands that need neither, and are run where the daemon's credentials are not.
enum class referred_files : std::uint8_t { read, left };

/// Loads a file. All that is wrong is found in one go; only a file that is not TOML at all ends at
/// its first error. What the settings refer to is completed (`complete_configuration`); relative
/// paths are taken from the folder of the file.
[[nodiscard]] loaded_configuration load_configuration(std::string const& file,
                                                      surroundings const& around,
                                                      referred_files files = referred_files::read);

/// The same from a text; `folder` is where relative paths start.
[[nodiscard]] loaded_configuration parse_configuration(std::string_view text,
                                                       std::string const& folder,
                                                       surroundings const& around,
                                                       referred_files files = referred_files::read);

}  // namespace wixtokend::daemon
