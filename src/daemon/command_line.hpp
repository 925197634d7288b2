#pragma once
// What the process shall do, as the command line says it.

#include "base/time.hpp"
#include "daemon/exit_code.hpp"

#include <chrono>
#include <string>
#include <variant>

namespace wixtokend::daemon {

/// Serve until a signal.
struct run_action {
  std::string config_file;
};

/// Validate the configuration and forecast its load.
struct check_action {
  std::string config_file;
  bool store = false;  ///< read all of the store, too
};

/// Make a new key for the store.
struct keygen_action {
  std::string file;  ///< empty: print it
};

/// Copy the store that a configuration names.
struct backup_action {
  std::string config_file;
  std::string destination;
};

/// Ask a running daemon how it is.
struct healthcheck_action {
  std::string socket;
  bool ready = false;  ///< ready to serve, rather than alive
  duration timeout = std::chrono::seconds{5};
};

/// Print the version.
struct version_action {};

/// Print a text and end: help, or what is wrong with the command line.
struct print_action {
  std::string text;
  exit_code code = exit_code::clean;  ///< not `clean`: the text goes to standard error
};

using action = std::variant<run_action, check_action, keygen_action, backup_action,
                            healthcheck_action, version_action, print_action>;

/// Reads the command line. Touches nothing: not the environment, no file. Never throws for what
/// stands there.
[[nodiscard]] action parse_command_line(int argc, char const* const* argv);

}  // namespace wixtokend::daemon
