#include "daemon/tcp_address.hpp"

#include "base/text.hpp"

#include <boost/asio/ip/address.hpp>

namespace wixtokend::daemon {
namespace {

namespace ip = boost::asio::ip;

std::optional<std::uint16_t> parse_port(std::string_view text) {
  auto const number = parse_decimal(text);
  if (!number.has_value() || *number == 0 || *number > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

}  // namespace

std::optional<tcp_address> parse_tcp_address(std::string_view text) {
  auto const colon = text.rfind(':');
  auto const port = parse_port(colon == text.npos ? text : text.substr(colon + 1));
  if (!port) return std::nullopt;
  if (colon == text.npos) return tcp_address{"127.0.0.1", *port};

  auto host = text.substr(0, colon);
  bool const brackets = host.starts_with('[') && host.ends_with(']');
  if (brackets) host = host.substr(1, host.size() - 2);
  boost::system::error_code ec;
  auto const address = ip::make_address(host, ec);
  if (ec || address.is_v6() != brackets) return std::nullopt;
  return tcp_address{std::string{host}, *port};
}

std::string to_text(tcp_address const& where) {
  bool const v6 = where.address.find(':') != std::string::npos;
  auto const host = v6 ? '[' + where.address + ']' : where.address;
  return host + ':' + std::to_string(where.port);
}

}  // namespace wixtokend::daemon
