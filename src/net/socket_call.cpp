#include "net/socket_call.hpp"

#include <sys/socket.h>

namespace wixtokend::net {
namespace {

// Errors of the connection that was to be accepted, not of the listener.
bool concerns_one_connection(int error) noexcept {
  switch (error) {
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case ENONET:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case EOPNOTSUPP:
    case ETIMEDOUT:
    case EPERM:  // a firewall rule forbids it
    case EINTR: return true;
    default: return false;
  }
}

// An error that never goes away (a system call filter answers EPERM) must not hold the loop.
constexpr int skipped_max = 64;

}  // namespace

result<int> create_stream_socket(int family) noexcept {
  int const created = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (created < 0) return last_system_error();
  return created;
}

result<int> accept_one(int listener) noexcept {
  for (int skipped = 0;; ++skipped) {
    int const accepted = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (accepted >= 0) return accepted;
    if (errno == EAGAIN) return -1;
    if (!concerns_one_connection(errno) || skipped == skipped_max) return last_system_error();
  }
}

}  // namespace wixtokend::net
