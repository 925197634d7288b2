#pragma once
// The memory of another process: how much it has, and what stands in it.

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::test {

/// What /proc/PID/status says, in bytes.
struct memory_figures {
  std::size_t resident = 0;  ///< VmRSS
  std::size_t peak = 0;      ///< VmHWM: the most that it ever was
  std::size_t locked = 0;    ///< VmLck
};
memory_figures memory_of(pid_t process);

/// One place of a process's memory.
struct memory_place {
  std::string mapping;  ///< as /proc/PID/maps names it; "anonymous" without a name
  std::size_t offset = 0;
  std::string around;  ///< the bytes there and about it, others than printable ASCII as dots
};

/// Whether this user may read the memory of that process: it takes CAP_SYS_PTRACE if the process
/// is not dumpable, which is one of our daemon's precautions.
bool can_read_memory(pid_t process);

/// Looks through all mappings that the process may read itself, free heap and stacks included.
/// @returns the places in which any of these texts stands, at most 32.
std::vector<memory_place> find_in_memory(pid_t process, std::vector<std::string> const& texts);

}  // namespace wixtokend::test
