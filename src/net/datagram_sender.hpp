#pragma once
// Datagrams to another process's Unix socket: one way, without an answer.

#include "base/error.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <string_view>

namespace wixtokend::net {

/// Whether a sender may be held up while the receiver's queue is full.
enum class patience : std::uint8_t {
  none,    ///< the datagram is lost then
  second,  ///< for a second at most
};

/// An address and a socket to send from. Move-only.
class datagram_sender {
 public:
  /// @param address  An absolute path, or `@name` of the abstract namespace (unix(7)).
  /// @returns `invalid_address` for anything else, or one that is too long; or the system's error
  ///          if there is no socket. Whether anybody listens shows when something is sent.
  static result<datagram_sender> to(std::string_view address) noexcept;

  datagram_sender(datagram_sender&& other) noexcept;
  datagram_sender& operator=(datagram_sender&&) = delete;
  ~datagram_sender();

  /// @returns the system's error: EAGAIN if the receiver's queue stayed full.
  [[nodiscard]] result<void> send(std::string_view datagram, patience patient) const noexcept;

 private:
  datagram_sender(int socket, sockaddr_un const& address, socklen_t size) noexcept
      : socket_{socket}, address_{address}, size_{size} {}

  int socket_;
  sockaddr_un address_;
  socklen_t size_;
};

}  // namespace wixtokend::net
