#include "net/datagram_sender.hpp"

#include "net/socket_call.hpp"

#include <sys/time.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <utility>

namespace wixtokend::net {

result<datagram_sender> datagram_sender::to(std::string_view address) noexcept {
  sockaddr_un into{};
  into.sun_family = AF_UNIX;
  bool const abstract = address.starts_with('@');
  bool const good = (abstract || address.starts_with('/')) && address.size() > 1 &&
                    address.size() < sizeof into.sun_path &&
                    address.find('\0') == std::string_view::npos;
  if (!good) return errc::invalid_address;
  std::memcpy(into.sun_path, address.data(), address.size());
  if (abstract) into.sun_path[0] = '\0';
  // The size tells where an abstract name ends; a path has its terminator counted.
  auto const size = offsetof(sockaddr_un, sun_path) + address.size() + (abstract ? 0U : 1U);

  int const socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return last_system_error();
  datagram_sender made{socket, into, static_cast<socklen_t>(size)};
  timeval const longest{1, 0};
  if (::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &longest, sizeof longest) != 0) {
    return last_system_error();
  }
  return made;
}

datagram_sender::datagram_sender(datagram_sender&& other) noexcept
    : socket_{std::exchange(other.socket_, -1)}, address_{other.address_}, size_{other.size_} {}

datagram_sender::~datagram_sender() {
  if (socket_ >= 0) ::close(socket_);
}

result<void> datagram_sender::send(std::string_view datagram, patience patient) const noexcept {
  int const flags = MSG_NOSIGNAL | (patient == patience::none ? MSG_DONTWAIT : 0);
  auto const* const address = reinterpret_cast<sockaddr const*>(&address_);
  for (;;) {
    auto const sent = ::sendto(socket_, datagram.data(), datagram.size(), flags, address, size_);
    if (sent >= 0) return {};
    if (errno != EINTR) return last_system_error();
  }
}

}  // namespace wixtokend::net
