#include "net/peer.hpp"

#include "net/socket_call.hpp"

#include <sys/socket.h>

#include <fstream>

namespace wixtokend::net {
namespace {

// Linux 4.13; older C libraries do not name it.
#ifndef SO_PEERGROUPS
constexpr int so_peergroups = 59;
#else
constexpr int so_peergroups = SO_PEERGROUPS;
#endif

constexpr std::size_t groups_max = 65536;  // the kernel's NGROUPS_MAX

// The kernel tells the size that it needs when the buffer is too small.
result<std::vector<gid_t>> groups_of(int socket) {
  std::vector<gid_t> groups(32);
  for (;;) {
    auto size_bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
    int const failed = ::getsockopt(socket, SOL_SOCKET, so_peergroups, groups.data(), &size_bytes);
    auto const count = size_bytes / sizeof(gid_t);
    if (failed == 0) {
      groups.resize(count);
      return groups;
    }
    if (errno != ERANGE || count <= groups.size() || count > groups_max) {
      return last_system_error();
    }
    groups.resize(count);
  }
}

template <class Id>
Id read_id(char const* file, Id otherwise) {
  std::ifstream in{file};
  Id id{};
  return in >> id ? id : otherwise;
}

}  // namespace

result<peer> peer_of(int socket) {
  ucred credentials{};
  socklen_t size = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) {
    return last_system_error();
  }
  auto groups = groups_of(socket);
  if (!groups.has_value()) return groups.error();
  return peer{credentials.uid, credentials.gid, std::move(*groups), credentials.pid};
}

overflow_ids read_overflow_ids() {
  overflow_ids ids;
  ids.uid = read_id("/proc/sys/kernel/overflowuid", ids.uid);
  ids.gid = read_id("/proc/sys/kernel/overflowgid", ids.gid);
  return ids;
}

}  // namespace wixtokend::net
