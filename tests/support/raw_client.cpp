#include "support/raw_client.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace wixtokend::test {
namespace {

using clock_type = std::chrono::steady_clock;

template <class Address>
int connect_to(int family, Address const& address) {
  int const descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_storage raw{};
  std::memcpy(&raw, &address, sizeof address);
  void const* const generic = &raw;
  if (::connect(descriptor, static_cast<sockaddr const*>(generic), sizeof address) != 0) {
    auto const reason = std::string{std::strerror(errno)};
    ::close(descriptor);
    throw std::runtime_error{"connect failed: " + reason};
  }
  return descriptor;
}

std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

raw_response parse_head(std::string_view head) {
  raw_response response;
  response.status = static_cast<unsigned>(parse_decimal(head.substr(9, 3)).value());
  for (auto at = head.find("\r\n"); at < head.size();) {
    auto const start = at + 2;
    at = head.find("\r\n", start);
    auto const line = head.substr(start, at == head.npos ? head.npos : at - start);
    auto const colon = line.find(':');
    if (colon == line.npos) continue;
    auto value = line.substr(colon + 1);
    while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
    response.headers.emplace(lower_case(line.substr(0, colon)), value);
  }
  return response;
}

}  // namespace

raw_client raw_client::unix_socket(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return raw_client{connect_to(AF_UNIX, address)};
}

raw_client raw_client::tcp(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return raw_client{connect_to(AF_INET, address)};
}

raw_client::raw_client(raw_client&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, pending_{std::move(other.pending_)} {}

raw_client& raw_client::operator=(raw_client&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(pending_, other.pending_);
  return *this;
}

raw_client::~raw_client() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto const sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::optional<std::size_t> raw_client::send_some(std::string_view bytes) const {
  auto const sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent >= 0) return static_cast<std::size_t>(sent);
  return errno == EAGAIN ? std::optional<std::size_t>{0} : std::nullopt;
}

bool raw_client::taken() const {
  int left = 0;
  return ::ioctl(descriptor_, SIOCOUTQ, &left) == 0 && left == 0;
}

void raw_client::finish_sending() const {
  ::shutdown(descriptor_, SHUT_WR);
}

bool raw_client::read_more(clock_type::time_point end) {
  auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock_type::now());
  pollfd waiting{descriptor_, POLLIN, 0};
  int const ready = ::poll(&waiting, 1, static_cast<int>(std::max<long>(left.count(), 0)));
  if (ready <= 0) throw std::runtime_error{"nothing came in time; so far: " + pending_};
  std::array<char, 65536> buffer{};
  auto const got = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
  if (got <= 0) return false;
  pending_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

raw_response raw_client::receive(std::chrono::milliseconds limit, bool head_only) {
  auto const end = clock_type::now() + limit;
  auto const need = [&](bool there) {
    if (!there) throw std::runtime_error{"the connection closed early; so far: " + pending_};
  };
  while (pending_.find("\r\n\r\n") == std::string::npos) need(read_more(end));
  auto const head_size = pending_.find("\r\n\r\n") + 4;
  auto response = parse_head(std::string_view{pending_}.substr(0, head_size - 2));
  pending_.erase(0, head_size);

  bool const bodiless = head_only || response.status == 204 || response.status == 304;
  auto const announced = response.header("content-length");
  std::size_t const size = bodiless || announced.empty() ? 0 : parse_decimal(announced).value();
  while (pending_.size() < size) need(read_more(end));
  response.body = pending_.substr(0, size);
  pending_.erase(0, size);
  return response;
}

raw_response raw_client::request(std::string const& method, std::string const& target,
                                 std::string const& body, std::string const& extra_headers,
                                 std::chrono::milliseconds limit) {
  auto bytes = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + extra_headers;
  if (!body.empty()) bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  bytes += "\r\n" + body;
  if (!send(bytes)) throw std::runtime_error{"the connection is closed"};
  return receive(limit, method == "HEAD");
}

std::string raw_client::receive_all(std::chrono::milliseconds limit) {
  auto const end = clock_type::now() + limit;
  while (read_more(end)) continue;
  return std::exchange(pending_, {});
}

bool raw_client::closed_within(std::chrono::milliseconds limit) {
  auto const end = clock_type::now() + limit;
  try {
    while (read_more(end)) pending_.clear();
  } catch (std::runtime_error const&) {
    return false;
  }
  return true;
}

}  // namespace wixtokend::test
