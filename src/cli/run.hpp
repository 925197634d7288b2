#pragma once
// Does what the command line says.

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/exit_code.hpp"

namespace wixtokend::cli {

/// Runs the command to its end. Errors are told on `to.err`.
[[nodiscard]] exit_code run(invocation const& what, console& to);

}  // namespace wixtokend::cli
