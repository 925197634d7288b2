#include "net/unix_address.hpp"

#include "net/socket_call.hpp"

#include <unistd.h>

#include <cstring>

namespace wixtokend::net {

result<unix_address> unix_address::of(std::string const& path) noexcept {
  unix_address address;
  if (path.empty() || path.size() >= sizeof address.bytes.sun_path) return errc::invalid_address;
  if (path.find('\0') != path.npos) return errc::invalid_address;
  address.bytes.sun_family = AF_UNIX;
  std::memcpy(address.bytes.sun_path, path.data(), path.size());
  return address;
}

result<int> connect_unix_now(std::string const& path) noexcept {
  auto const address = unix_address::of(path);
  if (!address.has_value()) return address.error();
  auto const created = create_stream_socket(AF_UNIX);
  if (!created.has_value()) return created.error();

  int failed = 0;
  do {
    failed = ::connect(*created, address->get(), unix_address::size());
  } while (failed != 0 && errno == EINTR);
  if (failed == 0) return *created;

  auto const reason = last_system_error();
  ::close(*created);
  return reason;
}

}  // namespace wixtokend::net
