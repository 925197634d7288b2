#pragma once
// The simulator as a command: see README.md.

namespace wixtokend::sim {

/// @returns the exit code: 0 if all runs held (or the mutation was caught, with --expect-caught),
///          1 if not, 2 for wrong arguments.
[[nodiscard]] int main_of_simulator(int count, char** arguments);

}  // namespace wixtokend::sim
