#include "net/tcp_socket.hpp"

#include "async/with_deadline.hpp"
#include "net/resolver.hpp"
#include "net/socket_call.hpp"
#include "net/tcp_stream.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

#include <algorithm>

namespace wixtokend::net {
namespace {

using protocol = asio::ip::tcp;

protocol protocol_of(protocol::endpoint const& endpoint) {
  return endpoint.protocol();
}

// Takes over the descriptor, also when it fails. Small messages go out at once.
result<tcp_stream::socket> adopt(executor where, protocol const& family, int descriptor) {
  tcp_stream::socket socket{where};
  error_code ec;
  socket.assign(family, descriptor, ec);
  if (ec) {
    ::close(descriptor);
    return ec;
  }
  socket.set_option(protocol::no_delay{true}, ec);
  if (ec) return ec;
  return socket;
}

class listener final : public tcp_listener {
 public:
  using acceptor = asio::basic_socket_acceptor<protocol, executor>;

  listener(acceptor bound, protocol::endpoint local)
      : acceptor_{std::move(bound)}, local_{std::move(local)} {}

  [[nodiscard]] std::uint16_t port() const noexcept override { return local_.port(); }

  task<result<std::unique_ptr<byte_stream>>> accept() override {
    // One turn of the loop per connection, so that a flood of them does not starve the served ones.
    co_await asio::post(acceptor_.get_executor(), use_task);
    for (;;) {
      if (!acceptor_.is_open()) co_return errc::connection_closed;
      auto const descriptor = accept_one(acceptor_.native_handle());
      if (!descriptor.has_value()) co_return descriptor.error();
      if (*descriptor >= 0) {
        auto socket = adopt(acceptor_.get_executor(), protocol_of(local_), *descriptor);
        if (!socket.has_value()) continue;  // broken since it connected
        co_return std::unique_ptr<byte_stream>{std::make_unique<tcp_stream>(std::move(*socket))};
      }
      auto const [ec] = co_await acceptor_.async_wait(acceptor::wait_read, use_task_tuple);
      if (ec) co_return stream_failure(ec, acceptor_.is_open());
    }
  }

  void close() noexcept override {
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  acceptor acceptor_;
  protocol::endpoint local_;
};

task<result<std::unique_ptr<byte_stream>>> connect_to(executor where, protocol::endpoint to) {
  auto const created = create_stream_socket(to.protocol().family());
  if (!created.has_value()) co_return created.error();
  auto socket = adopt(where, to.protocol(), *created);
  if (!socket.has_value()) co_return socket.error();

  auto const [ec] = co_await socket->async_connect(to, use_task_tuple);
  if (ec) co_return stream_failure(ec, true);
  co_return std::unique_ptr<byte_stream>{std::make_unique<tcp_stream>(std::move(*socket))};
}

}  // namespace

result<std::unique_ptr<tcp_listener>> tcp_listener::open(event_loop& loop,
                                                         std::string const& address,
                                                         std::uint16_t port) {
  error_code ec;
  auto const parsed = asio::ip::make_address(address, ec);
  if (ec) return errc::invalid_address;
  protocol::endpoint const wanted{parsed, port};

  auto const created = create_stream_socket(wanted.protocol().family());
  if (!created.has_value()) return created.error();
  listener::acceptor acceptor{loop.get_executor()};
  acceptor.assign(wanted.protocol(), *created, ec);
  if (ec) {
    ::close(*created);
    return ec;
  }
  acceptor.set_option(asio::socket_base::reuse_address{true}, ec);
  if (!ec) acceptor.bind(wanted, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec == asio::error::address_in_use) return errc::socket_in_use;
  if (ec) return ec;
  auto const bound = acceptor.local_endpoint(ec);
  if (ec) return ec;
  return std::unique_ptr<tcp_listener>{std::make_unique<listener>(std::move(acceptor), bound)};
}

task<result<std::unique_ptr<byte_stream>>> connect_tcp(event_loop& loop, time_source& time,
                                                       std::string host, std::uint16_t port,
                                                       instant limit) {
  auto& names = asio::use_service<resolver>(loop);
  auto resolving = names.resolve(std::move(host), port);
  auto found = co_await with_deadline(time, limit, std::move(resolving));
  if (!found.has_value()) co_return found.error();

  result<std::unique_ptr<byte_stream>> outcome = errc::no_address;
  auto left = static_cast<duration::rep>(found->size());
  for (auto const& to : *found) {
    // An address that swallows everything must leave the others their share of the time.
    auto const now = time.now();
    auto const share = now + (limit - now) / left--;
    auto connecting = connect_to(loop.get_executor(), to);
    outcome = co_await with_deadline(time, share, std::move(connecting));
    if (outcome.has_value() || time.now() >= limit) break;
  }
  co_return std::move(outcome);
}

}  // namespace wixtokend::net
