#pragma once
// What tests over real loopback sockets share.

#include "net/resolver.hpp"
#include "net/tcp_socket.hpp"
#include "support/run_task.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace wixtokend::test {

/// Makes every host name of this loop resolve to 127.0.0.1. To be called before any is resolved.
inline void resolve_all_to_loopback(event_loop& loop) {
  auto const answer = [](std::string const&, std::uint16_t port) -> result<net::endpoints> {
    return net::endpoints{asio::ip::tcp::endpoint{asio::ip::address_v4::loopback(), port}};
  };
  asio::make_service<net::resolver>(loop, answer);
}

/// A port that swallows connection attempts: its backlog is full, so the kernel drops each SYN.
class swallowing_port {
 public:
  explicit swallowing_port(event_loop& loop) : acceptor_{loop} {
    asio::ip::tcp::endpoint const any{asio::ip::address_v4::loopback(), 0};
    acceptor_.open(any.protocol());
    acceptor_.bind(any);
    acceptor_.listen(0);
    auto const full = acceptor_.local_endpoint();
    for (int i = 0; i < 4; ++i) {  // those beyond the backlog stay half open
      auto& one = waiting_.emplace_back(loop);
      one.open(any.protocol());
      one.native_non_blocking(true);
      // Not Asio's connect: that waits, for ever, even on a non-blocking socket.
      static_cast<void>(
          ::connect(one.native_handle(), full.data(), static_cast<socklen_t>(full.size())));
    }
  }

  [[nodiscard]] asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  asio::ip::tcp::acceptor acceptor_;
  std::vector<asio::ip::tcp::socket> waiting_;
};

/// A port on which nobody listens, and nobody else can begin to.
class refusing_port {
 public:
  explicit refusing_port(event_loop& loop) : bound_{loop} {
    asio::ip::tcp::endpoint const any{asio::ip::address_v4::loopback(), 0};
    bound_.open(any.protocol());
    bound_.bind(any);
  }

  [[nodiscard]] asio::ip::tcp::endpoint endpoint() const { return bound_.local_endpoint(); }
  [[nodiscard]] std::uint16_t number() const { return endpoint().port(); }

 private:
  asio::ip::tcp::socket bound_;
};

/// Waits until what was sent over loopback before has arrived: the kernel delivers it in order, so
/// a byte that is sent now over another connection comes last.
inline void settle_network(event_loop& loop, time_source& time) {
  auto const listener = net::tcp_listener::open(loop, "127.0.0.1", 0).value();
  auto connecting = net::connect_tcp(loop, time, "127.0.0.1", listener->port(), never);
  auto const client = run_task(loop, std::move(connecting)).value();
  auto const server = run_task(loop, listener->accept()).value();
  std::array<char, 1> byte{'x'};
  run_task(loop, client->write_all({byte.data(), 1})).value();
  run_task(loop, server->read_some(byte)).value();
}

/// What one read gives; empty at the orderly end.
inline std::string read_text(event_loop& loop, net::byte_stream& from) {
  std::array<char, 4096> bytes{};
  auto const size = run_task(loop, from.read_some(bytes));
  if (!size.has_value()) throw boost::system::system_error{size.error()};
  return {bytes.data(), *size};
}

}  // namespace wixtokend::test
