#pragma once
// The few socket system calls that both kinds of listener share; only `net` itself includes this.

#include "base/error.hpp"

#include <cerrno>

namespace wixtokend::net {

/// The error of the system call that has just failed.
inline error_code last_system_error() noexcept {
  return {errno, boost::system::system_category()};
}

/// Creates a non-blocking stream socket that does not leak into child processes.
[[nodiscard]] result<int> create_stream_socket(int family) noexcept;

/// Takes one connection from a listening socket without waiting; non-blocking, close-on-exec.
/// Connections that were lost in the queue are skipped (accept(2), "Error handling").
/// @returns the descriptor, -1 if none is waiting, or the system's error if descriptors or memory
///          have run out or the socket is unusable.
[[nodiscard]] result<int> accept_one(int listener) noexcept;

}  // namespace wixtokend::net
