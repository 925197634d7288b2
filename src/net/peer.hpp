#pragma once
// Who is at the other end of a Unix socket, as the kernel vouches for it.

#include "base/error.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace wixtokend::net {

/// A local process, as it was when it connected. The pid is for logs only: it can be reused, and
/// from another pid namespace it is 0.
struct peer {
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  std::vector<gid_t> groups;  ///< supplementary groups
  pid_t pid = 0;
};

/// Reads SO_PEERCRED and SO_PEERGROUPS of a connected Unix stream socket.
/// @returns the system's error if the kernel does not tell.
[[nodiscard]] result<peer> peer_of(int socket);

/// The ids that the kernel shows for users and groups of other namespaces; they identify nobody
/// (`/proc/sys/kernel/overflowuid` and `overflowgid`; 65534 if unreadable).
struct overflow_ids {
  uid_t uid = 65534;
  gid_t gid = 65534;
};
[[nodiscard]] overflow_ids read_overflow_ids();

}  // namespace wixtokend::net
