#pragma once
// Unix stream sockets: listening with the file's mode and owner, accepting, connecting.

#include "async/task.hpp"
#include "base/error.hpp"
#include "net/byte_stream.hpp"
#include "net/peer.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace wixtokend::net {

/// How the socket's file shall look. Each setting takes effect alone.
struct unix_socket_options {
  std::string path;  ///< at most 107 bytes
  mode_t mode = 0660;
  std::optional<uid_t> owner;  ///< unset: the process's own
  std::optional<gid_t> group;  ///< unset: the process's own
  int backlog = 1024;
};

/// One accepted connection and who made it.
struct accepted_unix_connection {
  std::unique_ptr<byte_stream> stream;
  peer from;
};

/// A listening Unix socket. A file that was made here is removed when the listener is closed, if it
/// is still ours.
class unix_listener {
 public:
  /// Binds under a temporary name in the same directory, sets mode and owner, then renames: nobody
  /// ever sees the socket with other rights. A socket file that nobody listens on is replaced; a
  /// live one is never taken over (`socket_in_use`), nor a file of another kind (`not_a_socket`).
  static result<std::unique_ptr<unix_listener>> open(event_loop& loop,
                                                     unix_socket_options const& options);

  /// Takes over a socket that another process has bound and still holds; its file stays where it is
  /// for ever. The descriptor becomes non-blocking and close-on-exec.
  /// @returns `not_listening` if it is anything but a listening Unix stream socket; it stays open
  ///          then.
  static result<std::unique_ptr<unix_listener>> adopt(event_loop& loop, int descriptor);
  virtual ~unix_listener() = default;

  /// Waits for a connection. Errors that concern one connection only are skipped inside; running
  /// out of descriptors or memory is returned, and the caller pauses before it tries again.
  virtual task<result<accepted_unix_connection>> accept() = 0;

  /// Stops listening and removes the file, if it was made here; a pending accept ends with an
  /// error. Idempotent.
  virtual void close() noexcept = 0;
};

/// Where a Unix socket is bound: a path, or `@name` of the abstract namespace; empty if nowhere, or
/// if it is no Unix socket.
[[nodiscard]] std::string bound_path(int descriptor);

/// Connects to a Unix socket.
task<result<std::unique_ptr<byte_stream>>> connect_unix(event_loop& loop, std::string path);

}  // namespace wixtokend::net
