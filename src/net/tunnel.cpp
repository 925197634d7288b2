#include "net/tunnel.hpp"

#include "async/with_deadline.hpp"
#include "http/codec.hpp"
#include "http/head_scanner.hpp"
#include "net/tcp_socket.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::net {
namespace {

constexpr std::size_t head_bytes_max = 16 * 1024;

// Unlike in the Host header, the port is always there (RFC 9110 section 9.3.6).
std::string authority_of(origin const& server) {
  bool const is_v6 = server.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(server.port);
}

// A 2xx answer to CONNECT has no body, whatever its fields say, so the response decoder is of no
// use here: only the status line counts.
result<void> judge(std::string_view head) {
  auto const line = head.substr(0, head.find('\r'));
  bool const is_http = line.starts_with("HTTP/1.0 ") || line.starts_with("HTTP/1.1 ");
  bool const ended = line.size() == 12 || (line.size() > 12 && line[12] == ' ');
  if (!is_http || !ended) return errc::malformed_message;
  auto const status = line.substr(9, 3);
  auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (!std::all_of(status.begin(), status.end(), is_digit)) return errc::malformed_message;
  if (status.front() != '2') return errc::proxy_refused;
  return {};
}

// Whoever comes next on this stream is the server, and TLS servers do not speak first: bytes
// behind the answer are a fault of the proxy.
task<result<std::unique_ptr<byte_stream>>> ask(std::unique_ptr<byte_stream> stream,
                                               std::string authority) {
  http::request question;
  question.method = "CONNECT";
  question.target = authority;
  question.headers.add("Host", authority);
  auto const bytes = http::encode(question);
  auto const written = co_await stream->write_all(bytes);
  if (!written.has_value()) co_return written.error();

  std::string answer(head_bytes_max, '\0');
  std::size_t used = 0;
  http::head_scanner scanner;
  for (;;) {
    auto const got = co_await stream->read_some(std::span{answer}.subspan(used));
    if (!got.has_value()) co_return got.error();
    if (*got == 0) co_return errc::connection_closed;
    used += *got;
    auto const received = std::string_view{answer}.substr(0, used);
    auto const size = scanner.find_end(received, head_bytes_max - 1);
    if (!size.has_value()) co_return size.error();
    if (*size == 0) continue;
    auto const granted = judge(received);
    if (!granted.has_value()) co_return granted.error();
    if (*size != used) co_return errc::malformed_message;
    co_return std::move(stream);
  }
}

}  // namespace

task<result<std::unique_ptr<byte_stream>>> connect_tunnel(event_loop& loop, time_source& time,
                                                          origin proxy, origin server,
                                                          instant limit) {
  auto connected = co_await connect_tcp(loop, time, proxy.host, proxy.port, limit);
  if (!connected.has_value()) co_return connected.error();
  auto asking = ask(std::move(*connected), authority_of(server));
  co_return co_await with_deadline(time, limit, std::move(asking));
}

}  // namespace wixtokend::net
