#include "net/http_client.hpp"

#include "async/with_deadline.hpp"
#include "base/secret.hpp"
#include "net/slots.hpp"
#include "net/tunnel.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <utility>

namespace wixtokend::net {
namespace {

using stream_pointer = std::unique_ptr<byte_stream>;

// Bytes that hold secrets: of one size from the beginning, so that no copy is left behind when it
// would grow, and wiped at the end.
class receive_buffer {
 public:
  explicit receive_buffer(std::size_t size) : bytes_(size, '\0') {}
  receive_buffer(receive_buffer const&) = delete;
  receive_buffer& operator=(receive_buffer const&) = delete;
  ~receive_buffer() { wipe(bytes_); }

  [[nodiscard]] std::span<char> room() noexcept { return std::span{bytes_}.subspan(used_); }
  [[nodiscard]] std::string_view content() const noexcept { return {bytes_.data(), used_}; }
  void added(std::size_t size) noexcept { used_ += size; }
  void taken(std::size_t size) noexcept {
    std::copy(bytes_.begin() + static_cast<std::ptrdiff_t>(size),
              bytes_.begin() + static_cast<std::ptrdiff_t>(used_), bytes_.begin());
    used_ -= size;
  }

 private:
  std::string bytes_;
  std::size_t used_ = 0;
};

// A text that is wiped at the end, cancellation included.
struct wiped {
  explicit wiped(std::string value) noexcept : text{std::move(value)} {}
  wiped(wiped const&) = delete;
  wiped& operator=(wiped const&) = delete;
  ~wiped() { wipe(text); }
  std::string text;
};

class pooled_client final : public http_client {
 public:
  pooled_client(event_loop& loop, time_source& time, origin server, tls_client_context* trust,
                http_client_options const& options)
      : loop_{loop},
        time_{time},
        server_{std::move(server)},
        trust_{trust},
        options_{options},
        slots_{loop.get_executor(), options.connections_max} {
    assert(trust_ != nullptr || !server_.tls);
    assert(options_.connections_max > 0);
  }

  task<boost::system::result<http::response, exchange_error>> exchange(
      http::request message, instant limit, std::function<void()> sent) override;

  void close_idle() noexcept override {
    idle_.clear();
    ++epoch_;
  }

 private:
  struct idle_connection {
    stream_pointer stream;
    instant since;
  };
  // What happened to one request, as far as its caller must know.
  struct progress {
    std::function<void()> sent;
    bool request_sent = false;
  };

  task<result<http::response>> attempt(http::request message, instant limit, progress& so_far);
  task<result<stream_pointer>> connect(instant limit);
  task<result<http::response>> receive(byte_stream& stream);
  stream_pointer take_idle();
  void drop_old();
  std::string encode(http::request& message) const;

  event_loop& loop_;
  time_source& time_;
  origin const server_;
  tls_client_context* trust_;
  http_client_options const options_;
  slots slots_;                       // one for each exchange that has or makes a connection
  std::deque<idle_connection> idle_;  // the newest last; with those in use never above the limit
  unsigned epoch_ = 0;                // which connections may be kept: those begun in this one
};

task<boost::system::result<http::response, exchange_error>> pooled_client::exchange(
    http::request message, instant limit, std::function<void()> sent) {
  progress so_far;
  so_far.sent = std::move(sent);
  auto working = attempt(std::move(message), limit, so_far);
  auto outcome = co_await with_deadline(time_, limit, std::move(working));
  if (outcome.has_value()) co_return std::move(*outcome);
  co_return exchange_error{outcome.error(), so_far.request_sent};
}

task<result<http::response>> pooled_client::attempt(http::request message, instant limit,
                                                    progress& so_far) {
  bool const may_keep = message.keep_alive;
  wiped const request{encode(message)};
  auto const place = co_await slots_.acquire();
  auto const epoch = epoch_;
  auto stream = take_idle();
  if (!stream) {
    auto connected = co_await connect(limit);
    if (!connected.has_value()) co_return connected.error();
    stream = std::move(*connected);
  }

  so_far.request_sent = true;
  if (so_far.sent) so_far.sent();
  auto const written = co_await stream->write_all(request.text);
  if (!written.has_value()) co_return written.error();

  auto response = co_await receive(*stream);
  if (response.has_value() && response->keep_alive && may_keep && epoch == epoch_) {
    drop_old();
    idle_.push_back({std::move(stream), time_.now()});
  }
  co_return std::move(response);
}

task<result<stream_pointer>> pooled_client::connect(instant limit) {
  auto const until = std::min(limit, saturating_add(time_.now(), options_.connect_timeout));
  if (server_.tls && options_.proxy.has_value()) {
    auto tunnelling = connect_tunnel(loop_, time_, *options_.proxy, server_, until);
    auto connected = co_await std::move(tunnelling);
    if (!connected.has_value()) co_return connected.error();
    co_return co_await trust_->handshake(std::move(*connected), time_, server_.host, server_.port,
                                         until);
  }
  if (server_.tls) {
    co_return co_await trust_->connect(loop_, time_, server_.host, server_.port, until);
  }
  co_return co_await connect_tcp(loop_, time_, server_.host, server_.port, until);
}

task<result<http::response>> pooled_client::receive(byte_stream& stream) {
  // Room for the largest head and then some, since an incomplete head stays in the buffer.
  receive_buffer buffer{options_.response_limits.header_bytes_max + 4096};
  http::response_decoder decoder{options_.response_limits};
  while (!decoder.complete()) {
    auto const got = co_await stream.read_some(buffer.room());
    if (!got.has_value()) co_return got.error();
    if (*got == 0) {
      auto const ended = decoder.finish();
      if (!ended.has_value()) co_return ended.error();
      break;
    }
    buffer.added(*got);
    auto const taken = decoder.feed(buffer.content());
    if (!taken.has_value()) co_return taken.error();
    buffer.taken(*taken);
    if (buffer.room().empty()) co_return errc::malformed_message;
  }
  auto response = decoder.take();
  // Bytes behind the response answer no question of ours: the connection is out of step.
  if (!buffer.content().empty()) response.keep_alive = false;
  co_return std::move(response);
}

void pooled_client::drop_old() {
  auto const oldest = time_.now() - options_.idle_max;
  while (!idle_.empty() && idle_.front().since < oldest) idle_.pop_front();
}

stream_pointer pooled_client::take_idle() {
  drop_old();
  while (!idle_.empty()) {
    auto newest = std::move(idle_.back().stream);
    idle_.pop_back();
    if (newest->idle_and_open()) return newest;
  }
  return {};
}

// The request's bytes. The message's own body is wiped: it was the last copy but this one.
std::string pooled_client::encode(http::request& message) const {
  assert(message.method != "HEAD");  // its response has a length and no body, which nobody expects
  http::request complete;
  complete.method = std::move(message.method);
  complete.target = std::move(message.target);
  complete.keep_alive = message.keep_alive;
  complete.headers.add("Host", server_.host_header());
  for (auto const& [name, value] : message.headers) complete.headers.add(name, value);
  complete.body = std::move(message.body);
  auto bytes = http::encode(complete);
  wipe(complete.body);
  return bytes;
}

}  // namespace

std::unique_ptr<http_client> http_client::create(event_loop& loop, time_source& time, origin server,
                                                 tls_client_context* trust,
                                                 http_client_options const& options) {
  return std::make_unique<pooled_client>(loop, time, std::move(server), trust, options);
}

}  // namespace wixtokend::net
