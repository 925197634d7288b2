#include "net/origin.hpp"

#include "base/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace wixtokend::net {
namespace {

constexpr std::size_t host_size_max = 253;  // RFC 1035 section 2.3.4, without the root's dot

constexpr bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// RFC 3986 section 3.3: what a path may consist of, percent-encoding included.
constexpr bool is_path_character(char c) noexcept {
  return is_letter_or_digit(c) ||
         std::string_view{"/-._~!$&'()*+,;=:@%"}.find(c) != std::string_view::npos;
}

bool is_address(int family, std::string const& text) noexcept {
  std::array<unsigned char, 16> bytes{};
  return ::inet_pton(family, text.c_str(), bytes.data()) == 1;
}

// A DNS name or an IPv4 address. Underscores are tolerated: internal names have them.
bool is_host_name(std::string_view text) noexcept {
  if (text.empty() || text.size() > host_size_max) return false;
  char before = '.';
  for (char const c : text) {
    if (c == '.' && before == '.') return false;  // an empty label
    if (!is_letter_or_digit(c) && c != '-' && c != '_' && c != '.') return false;
    before = c;
  }
  return before != '.';
}

std::string to_lower(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

std::string bracketed(std::string const& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

result<void> parse_authority(std::string_view text, origin& into) {
  std::string_view host;
  std::string_view rest;
  if (text.substr(0, 1) == "[") {
    auto const end = text.find(']');
    if (end == text.npos) return errc::invalid_address;
    host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!is_address(AF_INET6, std::string{host})) return errc::invalid_address;
  } else {
    host = text.substr(0, text.find(':'));
    rest = text.substr(host.size());
    if (!is_host_name(host)) return errc::invalid_address;
  }
  into.host = to_lower(host);

  if (rest.empty()) return {};
  auto const port = parse_decimal(rest.substr(1), 65535);
  if (rest.front() != ':' || !port.has_value() || *port == 0) return errc::invalid_address;
  into.port = static_cast<std::uint16_t>(*port);
  return {};
}

constexpr std::uint16_t default_port(bool tls) noexcept {
  return tls ? 443 : 80;
}

}  // namespace

result<origin> parse_origin(std::string_view url) {
  auto const separator = url.find("://");
  if (separator == url.npos) return errc::invalid_address;

  origin parsed;
  parsed.tls = equal_ignoring_case(url.substr(0, separator), "https");
  if (!parsed.tls && !equal_ignoring_case(url.substr(0, separator), "http")) {
    return errc::invalid_address;
  }
  parsed.port = default_port(parsed.tls);

  url.remove_prefix(separator + 3);
  auto const authority = url.substr(0, url.find('/'));
  auto const read = parse_authority(authority, parsed);
  if (!read.has_value()) return read.error();

  auto path = url.substr(authority.size());
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (!std::all_of(path.begin(), path.end(), is_path_character)) return errc::invalid_address;
  parsed.base_path = path;
  return parsed;
}

std::string origin::host_header() const {
  auto text = bracketed(host);
  if (port != default_port(tls)) text += ":" + std::to_string(port);
  return text;
}

std::string origin::to_string() const {
  return (tls ? "https://" : "http://") + bracketed(host) + ":" + std::to_string(port);
}

bool origin::is_loopback() const noexcept {
  if (equal_ignoring_case(host, "localhost")) return true;
  std::array<unsigned char, 16> bytes{};
  if (::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return bytes[0] == 127;
  if (::inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return false;
  bool const zeros = std::all_of(bytes.begin(), bytes.end() - 1, [](auto b) { return b == 0; });
  return zeros && bytes[15] == 1;
}

}  // namespace wixtokend::net
