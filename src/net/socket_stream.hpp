#pragma once
// The byte stream of a connected stream socket, TCP or Unix; only `net` itself includes this.

#include "net/byte_stream.hpp"
#include "net/stream_failure.hpp"

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace wixtokend::net {

/// Owns the socket.
template <class Protocol>
class socket_stream final : public byte_stream {
 public:
  using socket = asio::basic_stream_socket<Protocol, executor>;

  explicit socket_stream(socket connected) : socket_{std::move(connected)} {
    error_code ignored;  // a socket that is broken already says so at its first operation
    socket_.non_blocking(true, ignored);
  }

  task<result<std::size_t>> read_some(std::span<char> into) override {
    auto const buffer = asio::buffer(into.data(), into.size());
    auto const [ec, size] = co_await socket_.async_read_some(buffer, use_task_tuple);
    if (ec == asio::error::eof) co_return std::size_t{0};
    if (ec) co_return stream_failure(ec, socket_.is_open());
    co_return size;
  }

  // A write of ordinary size goes into the kernel's buffer at once: it is tried before waiting.
  task<result<void>> write_all(std::string_view bytes) override {
    while (!bytes.empty()) {
      error_code ec;
      bytes.remove_prefix(socket_.write_some(asio::buffer(bytes.data(), bytes.size()), ec));
      if (ec == asio::error::would_block) {
        auto const [waited] = co_await socket_.async_wait(socket::wait_write, use_task_tuple);
        ec = waited;
      }
      if (ec) co_return stream_failure(ec, socket_.is_open());
    }
    co_return result<void>{};
  }

  void shutdown_write() noexcept override {
    error_code ignored;
    socket_.shutdown(socket::shutdown_send, ignored);
  }

  [[nodiscard]] bool idle_and_open() noexcept override {
    if (!socket_.is_open()) return false;
    char byte = 0;
    auto const size = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return size < 0 && (errno == EAGAIN || errno == EINTR);
  }

  void close() noexcept override {
    error_code ignored;
    socket_.close(ignored);
  }

  void reset() noexcept override {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
    close();
  }

  /// Takes the socket out, for a protocol that works on it directly (TLS).
  [[nodiscard]] socket release() noexcept { return std::move(socket_); }

 private:
  socket socket_;
};

}  // namespace wixtokend::net
