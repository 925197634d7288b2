#include "net/unix_socket.hpp"

#include "net/socket_call.hpp"
#include "net/socket_file.hpp"
#include "net/socket_stream.hpp"
#include "net/unix_address.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace wixtokend::net {
namespace {

using protocol = asio::local::stream_protocol;
using stream = socket_stream<protocol>;

// Takes over the descriptor, also when it fails.
result<std::unique_ptr<byte_stream>> stream_over(executor where, int descriptor) {
  stream::socket socket{where};
  error_code ec;
  socket.assign(protocol{}, descriptor, ec);
  if (ec) {
    ::close(descriptor);
    return ec;
  }
  return std::unique_ptr<byte_stream>{std::make_unique<stream>(std::move(socket))};
}

bool has_option(int descriptor, int option, int wanted) noexcept {
  int value = 0;
  socklen_t size = sizeof value;
  return ::getsockopt(descriptor, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

class listener final : public unix_listener {
 public:
  listener(executor where, socket_file file) : acceptor_{where}, file_{std::move(file)} {
    acceptor_.assign(protocol{}, file_->release_descriptor());
  }
  listener(executor where, int descriptor) : acceptor_{where} {
    acceptor_.assign(protocol{}, descriptor);
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
    if (file_) file_->remove();  // first, so that nobody finds a file behind which nobody listens
    error_code ignored;
    acceptor_.close(ignored);
  }

 private:
  using acceptor = asio::basic_socket_acceptor<protocol, executor>;

  result<accepted_unix_connection> identify(int descriptor) {
    auto from = peer_of(descriptor);
    auto connected = stream_over(acceptor_.get_executor(), descriptor);
    if (!from.has_value()) return from.error();
    if (!connected.has_value()) return connected.error();
    return accepted_unix_connection{std::move(*connected), std::move(*from)};
  }

  acceptor acceptor_;
  std::optional<socket_file> file_;  ///< none: somebody else has bound the socket
};

}  // namespace

result<std::unique_ptr<unix_listener>> unix_listener::open(event_loop& loop,
                                                           unix_socket_options const& options) {
  auto file = socket_file::create(options);
  if (!file.has_value()) return file.error();
  return std::unique_ptr<unix_listener>{
      std::make_unique<listener>(loop.get_executor(), std::move(*file))};
}

result<std::unique_ptr<unix_listener>> unix_listener::adopt(event_loop& loop, int descriptor) {
  bool const listens = has_option(descriptor, SO_DOMAIN, AF_UNIX) &&
                       has_option(descriptor, SO_TYPE, SOCK_STREAM) &&
                       has_option(descriptor, SO_ACCEPTCONN, 1);
  if (!listens) return errc::not_listening;
  int const flags = ::fcntl(descriptor, F_GETFL);
  if (flags < 0 || ::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) != 0 ||
      ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) != 0) {
    return last_system_error();
  }
  return std::unique_ptr<unix_listener>{
      std::make_unique<listener>(loop.get_executor(), descriptor)};
}

std::string bound_path(int descriptor) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  auto* const into = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(descriptor, into, &size) != 0 || address.sun_family != AF_UNIX) return {};
  auto const length = std::min<std::size_t>(size, sizeof address);
  constexpr auto before = offsetof(sockaddr_un, sun_path);
  if (length <= before) return {};
  std::string path{std::begin(address.sun_path), length - before};
  if (path.front() == '\0') {
    path.front() = '@';
    return path;
  }
  return path.substr(0, path.find('\0'));
}

// Connecting to a Unix socket never waits: either the backlog has room or it is refused.
task<result<std::unique_ptr<byte_stream>>> connect_unix(event_loop& loop, std::string path) {
  auto const descriptor = connect_unix_now(path);
  if (!descriptor.has_value()) co_return descriptor.error();
  co_return stream_over(loop.get_executor(), *descriptor);
}

}  // namespace wixtokend::net
