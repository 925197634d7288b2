#pragma once
// The address of a Unix socket as the kernel takes it; only `net` itself includes this.

#include "base/error.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <string>

namespace wixtokend::net {

/// A path in the form that bind(2) and connect(2) take.
struct unix_address {
  sockaddr_un bytes{};

  [[nodiscard]] sockaddr const* get() const noexcept {
    return reinterpret_cast<sockaddr const*>(&bytes);
  }
  [[nodiscard]] static constexpr socklen_t size() noexcept { return sizeof(sockaddr_un); }

  /// @returns `invalid_address` if the path is empty, longer than 107 bytes, or has a NUL in it
  ///          (so that an abstract address cannot be meant by mistake).
  static result<unix_address> of(std::string const& path) noexcept;
};

/// Connects without waiting. @returns the descriptor, or the system's error; a full backlog is
/// EAGAIN.
[[nodiscard]] result<int> connect_unix_now(std::string const& path) noexcept;

}  // namespace wixtokend::net
