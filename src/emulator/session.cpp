#include "emulator/session.hpp"

#include "async/with_deadline.hpp"
#include "emulator/replies.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>
#include <utility>

namespace wixtokend::emulator {
namespace {

using namespace std::chrono_literals;

// What a client whose request was refused may still send before it is cut off.
constexpr auto drain_time_max = 2s;
constexpr std::size_t drain_bytes_max = 4 * 1024 * 1024;

// Ends the counting of one request, also if the coroutine is destroyed before.
class in_flight {
 public:
  in_flight(counters& counted, std::optional<route> where) : counted_{counted}, where_{where} {}
  in_flight(in_flight const&) = delete;
  in_flight& operator=(in_flight const&) = delete;
  ~in_flight() {
    if (where_.has_value()) counted_.ended(*where_, status_);
  }
  void answered(unsigned status) noexcept { status_ = status; }

 private:
  counters& counted_;
  std::optional<route> where_;
  unsigned status_ = 0;
};

unsigned status_for(error_code reason) {
  if (reason == errc::header_too_large) return 431;
  return reason == errc::body_too_large ? 413 : 400;
}

std::size_t cut_position(std::string_view bytes, std::optional<std::size_t> wanted) {
  if (wanted.has_value()) return std::min(*wanted, bytes.size());
  auto const head = std::min(bytes.find("\r\n\r\n"), bytes.size() - 4) + 4;
  return head + (bytes.size() - head) / 2;
}

}  // namespace

session::session(surroundings const& around, std::unique_ptr<net::byte_stream> stream,
                 bool control_allowed)
    : around_{around},
      stream_{std::move(stream)},
      control_allowed_{control_allowed},
      idle_since_{around.time.now()} {}

task<> session::run() {
  bool open = true;
  while (open) {
    auto const request = co_await read_request();
    if (!request.has_value()) {
      co_await refuse(request.error());
      break;
    }
    busy_ = true;
    arrival const when{around_.time.now(), around_.time.wall_now(), control_allowed_};
    auto what = answer(around_.state, *request, when);
    what.reply.keep_alive = request->keep_alive;
    if (around_.log.enabled(observe::log_level::debug)) {
      around_.log.debug("request", {{"method", request->method},
                                    {"path", std::string{path_of(request->target)}},
                                    {"status", std::to_string(what.reply.status)}});
    }
    open = co_await carry_out(std::move(what), request->method == "HEAD");
    open = open && request->keep_alive;
    busy_ = false;
    idle_since_ = around_.time.now();
  }
  stream_->close();
}

void session::close_if_idle_since(instant limit) noexcept {
  if (!busy_ && idle_since_ < limit) stream_->close();
}

task<result<http::request>> session::read_request() {
  bool continued = false;
  for (;;) {
    auto const taken = decoder_.feed(pending_);
    if (!taken.has_value()) co_return taken.error();
    pending_.erase(0, *taken);
    if (decoder_.complete()) co_return decoder_.take();

    if (!continued && decoder_.head_complete() && decoder_.expects_continue()) {
      continued = true;
      auto const sent = co_await stream_->write_all("HTTP/1.1 100 Continue\r\n\r\n");
      if (!sent.has_value()) co_return sent.error();
    }
    std::span<char> const into{received_};
    auto const count = co_await stream_->read_some(into);
    if (!count.has_value()) co_return count.error();
    if (*count == 0) co_return errc::connection_closed;
    pending_.append(received_.data(), *count);
  }
}

// Tells a client why its bytes are no request; one that went away is told nothing.
task<> session::refuse(error_code reason) {
  if (reason != errc::malformed_message && reason != errc::header_too_large &&
      reason != errc::body_too_large) {
    co_return;
  }
  around_.state.counted.malformed_request();
  around_.log.info("request_refused", {{"reason", reason.message()}});
  auto reply = rfc_error(status_for(reason), "invalid_request", reason.message());
  add_common_headers(around_.state, reply, around_.time.wall_now());
  reply.keep_alive = false;
  auto const bytes = http::encode(reply);
  auto const sent = co_await stream_->write_all(bytes);
  if (!sent.has_value()) co_return;
  stream_->shutdown_write();
  // Closing over unread bytes would reset the connection, and the client might not see the answer.
  auto const limit = around_.time.now() + drain_time_max;
  auto draining = drain();
  std::ignore = co_await with_deadline(around_.time, limit, std::move(draining));
}

task<result<void>> session::drain() {
  for (std::size_t drained = 0; drained < drain_bytes_max;) {
    std::span<char> const into{received_};
    auto const count = co_await stream_->read_some(into);
    if (!count.has_value() || *count == 0) break;
    drained += *count;
  }
  co_return result<void>{};
}

// @returns whether the connection goes on.
task<bool> session::carry_out(plan what, bool head_only) {
  in_flight counting{around_.state.counted, what.counted};
  if (what.delay > duration{}) {
    auto const until = around_.time.now() + what.delay;
    co_await around_.time.sleep_until(until);
  }
  if (what.how == ending::hang) {
    co_await hang();
    co_return false;
  }
  auto const bytes = http::encode(what.reply, head_only);
  if (what.how != ending::send) co_return co_await cut(what, bytes);

  auto const sent = co_await stream_->write_all(bytes);
  if (!sent.has_value()) co_return false;
  counting.answered(what.reply.status);
  co_return true;
}

task<bool> session::cut(plan const& what, std::string_view bytes) {
  auto const part = bytes.substr(0, cut_position(bytes, what.bytes));
  if (!part.empty()) {
    auto const sent = co_await stream_->write_all(part);
    if (!sent.has_value()) co_return false;
  }
  if (what.how == ending::reset) {
    stream_->reset();
  } else {
    stream_->shutdown_write();
  }
  co_return false;
}

// Until the client closes its side; what it still sends is thrown away.
task<> session::hang() {
  for (;;) {
    std::span<char> const into{received_};
    auto const count = co_await stream_->read_some(into);
    if (!count.has_value() || *count == 0) co_return;
  }
}

}  // namespace wixtokend::emulator
