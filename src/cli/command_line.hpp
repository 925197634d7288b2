#pragma once
// What shall be done, as the command line says it.

#include "cli/exit_code.hpp"
#include "wixtoken/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wixtokend::cli {

/// Print a token: `get` bare, `header` as a header line.
struct token_command {
  std::string instance;
  std::chrono::seconds min_valid{0};
  bool wait = true;
  bool header = false;
};

/// Tell of each new token of an instance.
struct watch_command {
  std::string instance;
  std::uint64_t count = 0;  ///< 0: until it is stopped
};

/// Report a token as refused, or drop it.
struct reject_command {
  std::string instance;
  std::optional<std::uint64_t> generation{};
  std::string token_file{};  ///< "-": standard input; empty: none
  bool drop = false;
};

struct list_command {
  std::string state;
  std::uint64_t limit = 0;  ///< 0: all
};

/// Register instances.
struct add_command {
  std::vector<std::string> instances;
  std::string refresh_token_file{};
  std::string code_file{};
  bool client_credentials = false;
  bool replace = false;
};

/// Register many from a file.
struct import_command {
  std::string file;  ///< "-": standard input
  bool replace = false;
};

/// What is done with instances, one after the other.
enum class instance_action : std::uint8_t { show, remove, retry, restore };
struct instances_command {
  instance_action what = instance_action::show;
  std::vector<std::string> instances;
};

struct status_command {};

/// How the daemon does, over and over.
struct top_command {
  std::chrono::milliseconds interval{2'000};
  bool once = false;
  std::string app{};  ///< whose soonest ends are shown; empty: the default app's
};

/// Print a text and end: help, the version, or what is wrong with the command line.
struct print_command {
  std::string text;
  exit_code code = exit_code::good;  ///< not `good`: the text goes to standard error
};

using command =
    std::variant<token_command, watch_command, reject_command, list_command, add_command,
                 import_command, instances_command, status_command, top_command, print_command>;

/// The command, and what all have in common.
struct invocation {
  command what;
  wixtoken::options daemon{};
  std::chrono::milliseconds wait_for_socket{0};
  bool json = false;
  bool colour = true;
};

/// Reads the command line. Touches nothing but the table of users, for `--owner`. Never throws for
/// what stands there.
/// @param socket  What stands for `--socket` if it is not given.
[[nodiscard]] invocation parse_command_line(std::vector<std::string> arguments,
                                            std::string const& socket);

}  // namespace wixtokend::cli
