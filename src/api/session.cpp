#include "api/session.hpp"

#include "api/dispatch.hpp"
#include "api/linger.hpp"
#include "api/routes.hpp"
#include "base/secret.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>

namespace wixtokend::api {
namespace {

constexpr std::size_t read_size = 4096;
constexpr std::size_t body_read_size = 16 * 1024;
constexpr std::size_t pipelined_bytes_max = 64 * 1024;  // kept while a request waits
constexpr std::size_t answer_bytes_max = 64 * 1024;     // kept before they are written
constexpr auto linger_time_max = 2s;
// With the five seconds of a sweep it is less than a token's margin: an answer that nobody takes is
// not left to be read when its token has ended.
constexpr auto write_time_max = 4s;
constexpr std::string_view continue_line = "HTTP/1.1 100 Continue\r\n\r\n";

problem framing_problem(error_code reason) {
  if (reason == errc::header_too_large) return {.what = fault::header_too_large};
  if (reason == errc::body_too_large) return {.what = fault::body_too_large};
  return {.what = fault::malformed_request};
}

problem cut_off() {
  return {.what = fault::malformed_request,
          .description = "The connection ended in the middle of a request."};
}

core::peer_identity identity_of(net::peer const& from) {
  core::peer_identity identity;
  identity.uid = from.uid;
  identity.gid = from.gid;
  identity.groups.assign(from.groups.begin(), from.groups.end());
  return identity;
}

}  // namespace

session::session(context& server, executor where, std::unique_ptr<net::byte_stream> stream,
                 net::peer const& from, socket_settings socket)
    : server_{server},
      where_{where},
      stream_{std::move(stream)},
      peer_{identity_of(from)},
      pid_{from.pid},
      socket_{std::move(socket)},
      decoder_{server.settings.limits.message, &takes_stream},
      closed_{where} {}

task<> session::run() {
  while (!gone_ && !last_) {
    auto got = co_await receive();
    if (auto const* const fault = std::get_if<problem>(&got)) {
      refuse(*fault);
      unread_ = true;
      break;
    }
    auto* const request = std::get_if<http::request>(&got);
    if (request == nullptr) break;
    co_await answer(*request);
    wipe(request->body);
    // Whoever sends many requests at once takes turns with the others, request by request.
    if (!in_.empty()) co_await asio::post(where_, use_task);
  }
  bool const written = co_await flush();
  bool const unread = unread_ || !stream_->idle_and_open();
  if (written && unread) co_await linger(*stream_, server_.time(), linger_time_max);
  close();
}

// Reads until a request is whole. Nothing: the peer is done or gone.
task<session::received> session::receive() {
  auto const& limits = server_.settings.limits;
  instant limit = never;  // of the present request, once it has begun
  bool head_seen = false;
  for (;;) {
    auto const taken = decoder_.feed(in_.view());
    if (!taken.has_value()) co_return framing_problem(taken.error());
    in_.consume(*taken);
    if (decoder_.complete()) co_return decoder_.take();
    if (decoder_.streaming()) {
      body_open_ = true;
      co_return decoder_.take_head();
    }

    bool const written = co_await flush();
    if (!written || (last_ && !decoder_.started())) co_return std::monostate{};

    if (decoder_.head_complete() && !head_seen) {
      head_seen = true;
      limit = server_.time().now() + limits.body_time_max;
      bool const invited = co_await invite();
      if (!invited) co_return std::monostate{};
    } else if (decoder_.started() && limit == never) {
      limit = server_.time().now() + limits.head_time_max;
    }

    auto const before = in_.size();
    bool const in_time = co_await receive_more(limit);
    if (!in_time) co_return problem{.what = fault::request_timeout};
    if (in_.size() != before) continue;
    if (gone_ || !decoder_.started()) co_return std::monostate{};
    co_return cut_off();
  }
}

// Tells a client to go on with the body, if it waits for that. False: it is gone.
task<bool> session::invite() {
  if (decoder_.expects_continue()) out_.append(continue_line);
  return flush();
}

task<checked<std::string_view>> session::next_piece() {
  if (!body_open_) co_return std::string_view{};
  auto const& limits = server_.settings.limits;
  in_.consume(std::exchange(handed_out_, 0));
  for (;;) {
    auto const piece = decoder_.next_piece(in_.view());
    if (!piece.has_value()) co_return framing_problem(piece.error());
    body_begun_ = body_begun_ || piece->taken != 0;
    if (!piece->data.empty()) {
      handed_out_ = piece->taken;
      co_return piece->data;
    }
    in_.consume(piece->taken);
    if (decoder_.complete()) {
      decoder_.restart();
      body_open_ = false;
      co_return std::string_view{};
    }

    // Answers to earlier requests go out as well: the client may wait for them.
    bool const begins = !std::exchange(body_begun_, true) && in_.empty();
    auto writing = begins ? invite() : flush();
    bool const written = co_await std::move(writing);
    if (!written) co_return cut_off();
    auto const before = in_.size();
    bool const in_time = co_await receive_more(server_.time().now() + limits.body_time_max);
    if (!in_time) co_return problem{.what = fault::request_timeout};
    if (in_.size() == before) co_return cut_off();
  }
}

// Reads once. False: the limit passed first. No bytes more in `in_`: the stream has ended.
task<bool> session::receive_more(instant limit) {
  auto const room = in_.prepare(decoder_.head_complete() ? body_read_size : read_size);
  result<std::size_t> got = errc::connection_closed;
  if (limit == never) {
    waiting_ = true;
    idle_limit_ = server_.time().now() + server_.settings.limits.idle_time_max;
    got = co_await stream_->read_some(room);
    idle_limit_ = never;
    waiting_ = false;
  } else {
    auto reading = stream_->read_some(room);
    got = co_await with_deadline(server_.time(), limit, std::move(reading));
    if (!got.has_value() && got.error() == errc::timed_out) co_return false;
  }
  if (got.has_value()) {
    in_.commit(*got);
    asked_ = true;
  } else {
    gone_ = true;
  }
  co_return true;
}

// Answers one request; the bytes are written before more is read, or when there are many.
task<> session::answer(http::request& request) {
  body_begun_ = false;
  auto message = co_await respond(server_, *this, request);
  if (std::exchange(body_open_, false)) {  // what is left of the body would look like a request
    unread_ = true;
    last_ = true;
  }
  bool const in_chunks = pieces_ && request.takes_chunks;
  last_ = last_ || finishing_ || !request.keep_alive || (pieces_ && !in_chunks);
  message.keep_alive = !last_;
  if (pieces_) {
    co_await write_pieces(message, in_chunks);
    co_return;
  }
  append(message, request.method == "HEAD");
  if (out_.size() >= answer_bytes_max) co_await flush();
}

task<> session::write_pieces(http::response& message, bool chunked) {
  auto const pieces = std::exchange(pieces_, nullptr);
  out_.append(
      http::encode_head(message, chunked ? http::framing::chunked : http::framing::until_close));
  for (;;) {
    auto const piece = pieces();
    if (piece.empty()) break;
    if (chunked) out_.append(http::chunk_line(piece.size()));
    out_.append(piece);
    if (chunked) out_.append(http::chunk_end);
    bool const written = co_await flush();
    if (!written) co_return;
  }
  if (chunked) out_.append(http::last_chunk);
}

// Says what is wrong with the framing. Nothing of the request can be told but that.
void session::refuse(problem const& what) {
  auto message = to_answer(what);
  server_.answered.count(nullptr, message.status);
  auto const id = server_.ids.next();
  server_.log.debug("request_refused", {{"code", std::string{entry_of(what.what).code}},
                                        {"uid", std::to_string(uid())},
                                        {"pid", std::to_string(pid_)},
                                        {"socket", socket_.name},
                                        {"request_id", id}});
  message.headers.add("X-Request-Id", id);
  message.keep_alive = false;
  append(message, false);
}

// Writes what is to be written. False: the peer is gone.
task<bool> session::flush() {
  if (gone_) co_return false;
  if (out_.empty()) co_return true;
  idle_limit_ = server_.time().now() + write_time_max;
  auto const written = co_await stream_->write_all(out_.view());
  idle_limit_ = never;
  out_.clear();
  if (!written.has_value()) gone_ = true;
  co_return written.has_value();
}

// Returns when the peer has closed its end. Requests that it sends meanwhile are kept.
task<> session::until_gone() {
  while (in_.size() < pipelined_bytes_max) {
    auto const got = co_await stream_->read_some(in_.prepare(read_size));
    if (!got.has_value() || *got == 0) co_return;
    in_.commit(*got);
  }
  co_await closed_.wait();
}

void session::append(http::response& message, bool head_only) {
  auto bytes = http::encode(message, head_only);
  wipe(message.body);
  out_.append(bytes);
  wipe(bytes);
}

void session::close() noexcept {
  gone_ = true;
  stream_->close();
  closed_.set();
}

void session::finish() noexcept {
  bool const newcomer = !std::exchange(finishing_, true) && !asked_;
  if (newcomer) return;
  last_ = true;
  // Bytes that wait unread are a request: it is answered.
  if (waiting_ && stream_->idle_and_open()) close();
}

void session::close_if_idle(instant now) noexcept {
  if (now >= idle_limit_) close();
}

core::grants const& session::granted() const {
  auto const& policy = server_.policy;
  if (granted_.epoch() != policy.epoch()) {
    granted_ = socket_.open ? policy.grants_of_anybody(socket_.roles)
                            : policy.grants_of(peer_, socket_.roles);
  }
  return granted_;
}

}  // namespace wixtokend::api
