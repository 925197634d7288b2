#pragma once
// The file of a listening Unix socket, from its binding to its removal; only `net` includes this.

#include "base/error.hpp"
#include "net/unix_socket.hpp"

#include <sys/types.h>

#include <string>

namespace wixtokend::net {

/// A listening socket whose file has its final name, mode and owner. Move-only; neither closing nor
/// removing happens by itself once the descriptor is released.
class socket_file {
 public:
  /// See `unix_listener::open` for what happens and in which order.
  static result<socket_file> create(unix_socket_options const& options);

  socket_file(socket_file&& other) noexcept;
  socket_file& operator=(socket_file&&) = delete;
  ~socket_file();

  /// Hands over the listening descriptor.
  [[nodiscard]] int release_descriptor() noexcept;

  /// Unlinks the path if it still names the socket that was created here.
  void remove() noexcept;

 private:
  socket_file(int descriptor, std::string path, dev_t device, ino_t inode) noexcept
      : descriptor_{descriptor}, path_{std::move(path)}, device_{device}, inode_{inode} {}

  int descriptor_;
  std::string path_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace wixtokend::net
