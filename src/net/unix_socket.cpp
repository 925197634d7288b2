#include "net/unix_socket.hpp"

#include "net/socket_call.hpp"
#include "net/socket_file.hpp"
#include "net/socket_stream.hpp"
#include "net/unix_address.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <unistd.h>

namespace wixtokend::net {
namespace {

using protocol = asio::local::stream_protocol;
using stream = socket_stream<protocol>;

// Takes over the descriptor, also when it fails.
result<std::unique_ptr<byte_stream>> adopt(executor where, int descriptor) {
  stream::socket socket{where};
  error_code ec;
  socket.assign(protocol{}, descriptor, ec);
  if (ec) {
    ::close(descriptor);
    return ec;
  }
  return std::unique_ptr<byte_stream>{std::make_unique<stream>(std::move(socket))};
}

class listener final : public unix_listener {
 public:
  listener(executor where, socket_file file) : acceptor_{where}, file_{std::move(file)} {
    acceptor_.assign(protocol{}, file_.release_descriptor());
  }
  ~listener() override { close(); }

  task<result<accepted_unix_connection>> accept() override {
    // One turn of the loop per connection, so that a flood of them does not starve the served ones.
    co_await asio::post(acceptor_.get_executor(), use_task);
    for (;;) {
      if (!acceptor_.is_open()) co_return errc::connection_closed;
      auto const descriptor = accept_one(acceptor_.native_handle());
      if (!descriptor.has_value()) co_return descriptor.error();
      if (*descriptor >= 0) {
        auto accepted = identify(*descriptor);
        if (accepted.has_value()) co_return std::move(*accepted);
        continue;
      }
      auto const [ec] = co_await acceptor_.async_wait(acceptor::wait_read, use_task_tuple);
      if (ec) co_return stream_failure(ec, acceptor_.is_open());
    }
  }

  void close() noexcept override {
    if (!acceptor_.is_open()) return;
    file_.remove();  // first, so that nobody finds a file behind which nobody listens
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  using acceptor = asio::basic_socket_acceptor<protocol, executor>;

  result<accepted_unix_connection> identify(int descriptor) {
    auto from = peer_of(descriptor);
    auto connected = adopt(acceptor_.get_executor(), descriptor);
    if (!from.has_value()) return from.error();
    if (!connected.has_value()) return connected.error();
    return accepted_unix_connection{std::move(*connected), std::move(*from)};
  }

  acceptor acceptor_;
  socket_file file_;
};

}  // namespace

result<std::unique_ptr<unix_listener>> unix_listener::open(event_loop& loop,
                                                           unix_socket_options const& options) {
  auto file = socket_file::create(options);
  if (!file.has_value()) return file.error();
  return std::unique_ptr<unix_listener>{
      std::make_unique<listener>(loop.get_executor(), std::move(*file))};
}

// Connecting to a Unix socket never waits: either the backlog has room or it is refused.
task<result<std::unique_ptr<byte_stream>>> connect_unix(event_loop& loop, std::string path) {
  auto const descriptor = connect_unix_now(path);
  if (!descriptor.has_value()) co_return descriptor.error();
  co_return adopt(loop.get_executor(), *descriptor);
}

}  // namespace wixtokend::net
