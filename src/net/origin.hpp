#pragma once
// Where an HTTP server is: scheme, host, port.

#include "base/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wixtokend::net {

/// The origin of RFC 6454 together with a path prefix, as a configuration names a server.
struct origin {
  bool tls = true;
  std::string host;  ///< a name or an address; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string base_path;  ///< without a trailing slash; empty for the root

  /// The value of the `Host` header: brackets round IPv6, the port unless it is the default one.
  [[nodiscard]] std::string host_header() const;
  /// `https://host:port`, for logs and errors.
  [[nodiscard]] std::string to_string() const;
  /// True for `localhost`, 127.0.0.0/8 and ::1, judged by the text alone.
  [[nodiscard]] bool is_loopback() const noexcept;

  friend bool operator==(origin const&, origin const&) = default;
};

/// Reads `https://host[:port][/path]` (or `http://…`). User info, query and fragment are refused.
/// @returns `invalid_address` if it has another form.
[[nodiscard]] result<origin> parse_origin(std::string_view url);

}  // namespace wixtokend::net
