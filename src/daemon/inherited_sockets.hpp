#pragma once
// The listening sockets that a service manager has passed on: sd_listen_fds(3).

#include "daemon/service_manager.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace wixtokend::daemon {

/// A descriptor and the name that was given to it. Nothing is known of what it is.
struct inherited_socket {
  std::string name;
  int descriptor = -1;
};

/// What the variables promise to the process `self`; empty if nothing, or to another process.
/// Descriptors without names are all called "unknown", as sd_listen_fds_with_names(3) does.
/// Throws `startup_error` (`configuration`) if a variable is malformed, or two names are the same.
[[nodiscard]] std::vector<inherited_socket> inherited_sockets(manager_variables const& variables,
                                                              pid_t self);

}  // namespace wixtokend::daemon
