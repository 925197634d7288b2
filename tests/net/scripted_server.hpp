#pragma once
// An HTTP server that does what a test tells it to.

#include "async/task_group.hpp"
#include "http/codec.hpp"
#include "net/tcp_socket.hpp"
#include "net/tls.hpp"
#include "support/run_task.hpp"

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

namespace wixtokend::test {

// What the server does with one request.
struct act {
  std::string bytes;
  enum class then { keep, close, reset, hang } after = then::keep;
};

// A server that follows a script: one act for each request, on whichever connection it comes.
class scripted_server {
 public:
  explicit scripted_server(event_loop& loop) : loop_{loop} {}

  void start() { group_.spawn(accept_all()); }
  void stop() { group_.stop(); }
  [[nodiscard]] std::uint16_t port() const { return listener_->port(); }
  void close_connections() {
    for (auto const& one : streams_) one->close();
  }
  void write_unasked(std::string const& bytes) {
    REQUIRE(run_task(loop_, streams_.back()->write_all(bytes)).has_value());
  }

  std::deque<act> script;
  std::vector<http::request> requests;
  int connections = 0;
  net::tls_server_context* identity = nullptr;
  time_source* time = nullptr;

 private:
  task<> accept_all() {
    for (;;) {
      auto accepted = co_await listener_->accept();
      if (!accepted.has_value()) co_return;
      ++connections;
      group_.spawn(serve(std::move(*accepted)));
    }
  }

  task<> serve(std::unique_ptr<net::byte_stream> connection) {
    if (identity != nullptr) {
      auto secured = co_await identity->handshake(std::move(connection), *time, never);
      if (!secured.has_value()) co_return;
      connection = std::move(*secured);
    }
    auto& stream = *streams_.emplace_back(std::move(connection));
    http::request_decoder decoder{http::limits{}};
    std::string left_over;
    std::array<char, 4096> bytes{};
    for (;;) {
      auto const size = co_await stream.read_some(bytes);
      if (!size.has_value() || *size == 0) co_return;
      left_over.append(bytes.data(), *size);
      left_over.erase(0, decoder.feed(left_over).value());
      if (!decoder.complete()) continue;
      requests.push_back(decoder.take());
      auto next = act{};
      if (!script.empty()) next = std::move(script.front());
      if (!script.empty()) script.pop_front();
      auto const written = co_await stream.write_all(next.bytes);
      if (!written.has_value()) co_return;
      if (next.after == act::then::close) stream.close();
      if (next.after == act::then::reset) stream.reset();
      if (next.after != act::then::keep) co_return;
    }
  }

  event_loop& loop_;
  std::unique_ptr<net::tcp_listener> listener_ =
      net::tcp_listener::open(loop_, "127.0.0.1", 0).value();
  std::vector<std::unique_ptr<net::byte_stream>> streams_;
  task_group group_{loop_.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
};

}  // namespace wixtokend::test
