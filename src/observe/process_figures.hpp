#pragma once
// What this process takes of the machine.

#include <cstdint>
#include <optional>

namespace wixtokend::observe {

/// Nothing where the system does not tell.
struct process_figures {
  std::optional<double> cpu_seconds;  ///< user and system, of all threads
  std::optional<std::uint64_t> resident_bytes;
  std::optional<std::uint64_t> open_descriptors;
  std::optional<std::uint64_t> descriptors_max;  ///< the soft limit
};

/// Reads /proc and rlimits; does not block.
[[nodiscard]] process_figures read_process_figures();

}  // namespace wixtokend::observe
