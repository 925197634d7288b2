#pragma once
// Where a TCP socket listens, as the configuration writes it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::daemon {

struct tcp_address {
  std::string address;  ///< numeric, IPv4 or IPv6
  std::uint16_t port = 0;

  friend bool operator==(tcp_address const&, tcp_address const&) = default;
};

/// Reads "9464", which is of 127.0.0.1, "10.0.0.7:9464" or "[::1]:9464". Names are not resolved.
[[nodiscard]] std::optional<tcp_address> parse_tcp_address(std::string_view text);

/// As it is read.
[[nodiscard]] std::string to_text(tcp_address const& where);

}  // namespace wixtokend::daemon
