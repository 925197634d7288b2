#pragma once
// A Unix datagram socket that a test reads from, such as a service manager's.

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace wixtokend::test {

/// Bound to a path, or to `@name` of the abstract namespace.
class datagram_receiver {
 public:
  explicit datagram_receiver(std::string address) : address_{std::move(address)} {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path, address_.data(), address_.size());
    if (address_.front() == '@') at.sun_path[0] = '\0';
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    bool const bound =
        socket_ >= 0 && ::bind(socket_, reinterpret_cast<sockaddr const*>(&at), size) == 0;
    if (!bound) throw std::runtime_error{"cannot bind " + address_};
  }
  datagram_receiver(datagram_receiver const&) = delete;
  datagram_receiver& operator=(datagram_receiver const&) = delete;
  ~datagram_receiver() { ::close(socket_); }

  [[nodiscard]] std::string const& address() const noexcept { return address_; }

  /// All that has come since the last call, without waiting.
  std::vector<std::string> take() const {
    std::vector<std::string> out;
    std::array<char, 8192> bytes{};
    for (;;) {
      auto const size = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
      if (size < 0) return out;
      out.emplace_back(bytes.data(), static_cast<std::size_t>(size));
    }
  }

 private:
  std::string address_;
  int socket_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

}  // namespace wixtokend::test
