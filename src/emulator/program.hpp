#pragma once
// wix-oauth-emulator from its options to its end.

#include "emulator/command_line.hpp"

namespace wixtokend::emulator {

/// Starts, prints one line of JSON on standard output when it is ready, serves until SIGTERM or
/// SIGINT, and stops cleanly. @returns the exit status 0.
/// Throws `std::runtime_error` if it cannot start: a file, an address, a setting.
int run_program(options const& chosen);

}  // namespace wixtokend::emulator
