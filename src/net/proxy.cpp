#include "net/proxy.hpp"

#include "base/text.hpp"

#include <boost/asio/ip/address.hpp>

#include <string>

namespace wixtokend::net {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view separators = ", \t";

std::optional<ip::address> parse_address(std::string_view text) {
  error_code ec;
  auto const address = ip::make_address(std::string{text}, ec);
  if (ec) return std::nullopt;
  return address;
}

// One entry of NO_PROXY, cut into what it names and the port that it is limited to.
struct entry {
  std::string_view name;
  std::string_view port;  // empty: any
};

entry cut(std::string_view text) {
  if (text.front() == '[') {  // an IPv6 address that may have a port
    auto const end = text.find(']');
    if (end == text.npos) return {};
    auto const rest = text.substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || rest.size() == 1)) return {};
    return {text.substr(1, end - 1), rest.empty() ? rest : rest.substr(1)};
  }
  auto const colon = text.find(':');
  bool const one_colon = colon != text.npos && text.find(':', colon + 1) == text.npos;
  if (!one_colon) return {text, {}};  // several: an IPv6 address without brackets
  if (colon + 1 == text.size()) return {};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

template <class Bytes>
bool same_network(Bytes const& left, Bytes const& right, std::size_t bits) {
  for (std::size_t i = 0; i < bits; ++i) {
    auto const differing = static_cast<unsigned>(left[i / 8] ^ right[i / 8]);
    if ((differing & (0x80U >> (i % 8))) != 0) return false;
  }
  return true;
}

bool matches_network(ip::address const& address, std::string_view network) {
  auto const slash = network.find('/');
  auto const base = parse_address(network.substr(0, slash));
  if (!base.has_value() || base->is_v4() != address.is_v4()) return false;
  std::size_t const bits_max = address.is_v4() ? 32 : 128;
  auto bits = bits_max;
  if (slash != network.npos) {
    auto const given = parse_decimal(network.substr(slash + 1), bits_max);
    if (!given.has_value()) return false;
    bits = static_cast<std::size_t>(*given);
  }
  if (address.is_v4()) {
    return same_network(address.to_v4().to_bytes(), base->to_v4().to_bytes(), bits);
  }
  return same_network(address.to_v6().to_bytes(), base->to_v6().to_bytes(), bits);
}

bool matches_name(std::string_view host, std::string_view name) {
  if (name.substr(0, 2) == "*.") name.remove_prefix(1);
  bool const only_below = name.front() == '.';
  if (!only_below && equal_ignoring_case(host, name)) return true;
  if (host.size() <= name.size()) return false;
  auto const tail = host.substr(host.size() - name.size());
  if (!equal_ignoring_case(tail, name)) return false;
  return only_below || host[host.size() - name.size() - 1] == '.';
}

bool matches(origin const& server, std::string_view text) {
  if (text == "*") return true;
  auto const [name, port] = cut(text);
  if (name.empty()) return false;
  if (!port.empty()) {
    auto const number = parse_decimal(port, 65535);
    if (!number.has_value() || *number != server.port) return false;
  }
  if (auto const address = parse_address(server.host)) return matches_network(*address, name);
  return matches_name(server.host, name);
}

bool is_excepted(origin const& server, std::string_view no_proxy) {
  for (;;) {
    auto const begin = no_proxy.find_first_not_of(separators);
    if (begin == no_proxy.npos) return false;
    no_proxy.remove_prefix(begin);
    auto const text = no_proxy.substr(0, no_proxy.find_first_of(separators));
    if (matches(server, text)) return true;
    no_proxy.remove_prefix(text.size());
  }
}

}  // namespace

result<std::optional<origin>> choose_proxy(origin const& server, std::string_view proxy,
                                           std::string_view no_proxy) {
  std::optional<origin> const direct;
  if (proxy.empty() || !server.tls || server.is_loopback()) return direct;
  if (is_excepted(server, no_proxy)) return direct;

  auto url = std::string{proxy};
  if (url.find("://") == url.npos) url = "http://" + url;
  auto const parsed = parse_origin(url);
  if (!parsed.has_value() || parsed->tls || !parsed->base_path.empty()) {
    return errc::invalid_address;
  }
  return std::optional{*parsed};
}

}  // namespace wixtokend::net
