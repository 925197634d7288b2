#pragma once
// Sends requests on Asio. Only in headers, so that it is compiled with the Asio of the program that
// uses it, whatever its settings are. Not for users: it may change with any version.

#include "wixtoken/detail/flow.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace wixtoken::detail {

inline constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<>> use_tuple{};
inline constexpr std::size_t async_piece_bytes = 16 * 1024;
inline constexpr std::size_t async_idle_max = 16;

inline time_point steady_now() noexcept {
  return std::chrono::steady_clock::now();
}

/// A connected socket and the deadline of what is under way on it.
class async_connection : public std::enable_shared_from_this<async_connection> {
 public:
  async_connection(boost::asio::any_io_executor const& where, int descriptor)
      : socket_{where, boost::asio::local::stream_protocol{}, descriptor},
        timer_{where},
        buffer_(async_piece_bytes, '\0') {}

  /// Sends a request and reads its answer. After an error it is of no use any more.
  [[nodiscard]] boost::asio::awaitable<result<answer>> exchange(std::string_view request,
                                                                std::string const& path,
                                                                time_point deadline) {
    armed const until{*this, deadline};
    // An error of writing is not the end: the daemon may have refused it before it was whole.
    auto const bytes = boost::asio::buffer(request.data(), request.size());
    co_await boost::asio::async_write(socket_, bytes, use_tuple);
    co_return co_await read_answer(path);
  }

  [[nodiscard]] bool fresh() { return is_fresh(socket_.native_handle()); }

 private:
  // Whatever ends an exchange, a cancellation too: the timer must not hold the connection longer.
  class armed {
   public:
    armed(async_connection& of, time_point deadline) : of_{of} { of_.arm(deadline); }
    armed(armed const&) = delete;
    armed& operator=(armed const&) = delete;
    ~armed() {
      of_.timer_.cancel();
      wipe(of_.buffer_);
    }

   private:
    async_connection& of_;
  };

  // When the time is over, whatever is under way on the socket ends with an error.
  void arm(time_point deadline) {
    late_ = false;
    buffer_.resize(async_piece_bytes);
    timer_.expires_at(deadline);
    timer_.async_wait([self = shared_from_this()](boost::system::error_code ec) {
      // It may have been set anew after this was queued.
      if (ec || self->timer_.expiry() > steady_now()) return;
      self->late_ = true;
      boost::system::error_code ignored;
      self->socket_.cancel(ignored);
    });
  }

  [[nodiscard]] boost::asio::awaitable<result<answer>> read_answer(std::string const& path) {
    namespace failure = boost::asio::error;
    answer_reader reader;
    while (!reader.complete()) {
      if (late_) co_return timed_out(path, true);
      auto const into = boost::asio::buffer(buffer_);
      auto const [ec, size] = co_await socket_.async_read_some(into, use_tuple);
      if (late_ && ec) co_return timed_out(path, true);
      if (ec == failure::operation_aborted) throw boost::system::system_error{ec};  // cancelled
      if (ec == failure::eof && reader.finish()) break;
      if (ec) co_return connection_lost(path);
      if (!reader.feed({buffer_.data(), size})) co_return malformed_answer(path);
    }
    co_return reader.take();
  }

  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer timer_;
  bool late_ = false;
  std::string buffer_;
};

/// Requests in, answers out, over connections that are kept, and made anew when they break.
class async_transport {
 public:
  async_transport(boost::asio::any_io_executor where, options settings)
      : where_{std::move(where)}, settings_{std::move(settings)} {}

  [[nodiscard]] boost::asio::awaitable<result<answer>> send(call what, time_point deadline) {
    request_bytes const bytes{what};
    exchange_flow flow{what.repeatable, settings_.reconnect_for, steady_now(), deadline};
    for (;;) {
      auto lane = co_await obtain(flow);
      if (!lane.has_value()) co_return lane.error();
      auto got = co_await lane->through->exchange(bytes.view(), settings_.socket, deadline);
      auto const more = flow.after(got, lane->used_before, steady_now());
      if (!more && got.has_value() && got->keep_alive) keep(std::move(lane->through));
      if (!more) co_return got;
      co_await pause(*more);
    }
  }

  /// Makes sure that there is a connection; goes on trying until the deadline.
  [[nodiscard]] boost::asio::awaitable<result<void>> connect(time_point deadline) {
    auto const from = steady_now();
    exchange_flow flow{true, left_until(deadline, from), from, deadline};
    auto lane = co_await obtain(flow);
    if (!lane.has_value()) co_return lane.error();
    keep(std::move(lane->through));
    co_return result<void>{};
  }

  [[nodiscard]] boost::asio::awaitable<void> pause(milliseconds length) {
    boost::asio::steady_timer timer{where_, length};
    co_await timer.async_wait(use_tuple);
  }

  [[nodiscard]] options const& settings() const noexcept { return settings_; }

 private:
  struct lease {
    std::shared_ptr<async_connection> through;
    bool used_before = false;
  };

  [[nodiscard]] boost::asio::awaitable<result<lease>> obtain(exchange_flow& flow) {
    if (auto idle = take_idle()) co_return lease{std::move(idle), true};
    for (;;) {
      auto const opened = open_socket(settings_);
      if (opened.has_value() && *opened >= 0) {
        co_return lease{std::make_shared<async_connection>(where_, *opened), false};
      }
      auto const more = opened.has_value() ? flow.after_busy(steady_now())
                                           : flow.after_refusal(opened.error(), steady_now());
      if (!more && opened.has_value()) co_return timed_out(settings_.socket, false);
      if (!more) co_return opened.error();
      co_await pause(*more);
    }
  }

  [[nodiscard]] std::shared_ptr<async_connection> take_idle() {
    while (!idle_.empty()) {
      auto last = std::move(idle_.back());
      idle_.pop_back();
      if (last->fresh()) return last;
    }
    return nullptr;
  }

  void keep(std::shared_ptr<async_connection> idle) {
    if (idle_.size() < async_idle_max) idle_.push_back(std::move(idle));
  }

  boost::asio::any_io_executor where_;
  options settings_;
  std::vector<std::shared_ptr<async_connection>> idle_;
};

}  // namespace wixtoken::detail
