#include "net/tls_stream.hpp"

#include "net/socket_bio.hpp"

#include <openssl/err.h>

#include <cassert>
#include <utility>

namespace wixtokend::net {
namespace {

int keep_index() noexcept {
  static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// OpenSSL gives us a reference to the session; 1 says that we keep it.
int on_new_session(SSL* engine, SSL_SESSION* granted) {
  auto const* keep = static_cast<keep_session const*>(SSL_get_ex_data(engine, keep_index()));
  if (keep == nullptr || !*keep) return 0;
  (*keep)(openssl::session{granted});
  return 1;
}

}  // namespace

void tls_stream::keep_sessions_of(SSL_CTX* context) noexcept {
  SSL_CTX_sess_set_new_cb(context, on_new_session);
}

tls_stream::tls_stream(tcp_stream::socket transport, openssl::connection engine, keep_session kept)
    : socket_{std::move(transport)}, engine_{std::move(engine)}, kept_{std::move(kept)} {
  auto bio = openssl::socket_bio(socket_.native_handle());
  SSL_set_bio(engine_.get(), bio.get(), bio.get());  // takes the one reference over
  static_cast<void>(bio.release());
  SSL_set_ex_data(engine_.get(), keep_index(), &kept_);
}

tls_stream::~tls_stream() {
  close();
}

tls_stream::need tls_stream::after(int outcome) noexcept {
  switch (SSL_get_error(engine_.get(), outcome)) {
    case SSL_ERROR_NONE: return need::nothing;
    case SSL_ERROR_WANT_READ: return need::readable;
    case SSL_ERROR_WANT_WRITE: return need::writable;
    case SSL_ERROR_ZERO_RETURN: return need::end;
    default:
      broken_ = true;  // OpenSSL forbids every further call but SSL_free
      return need::failed;
  }
}

error_code tls_stream::failure() {
  auto const verified = SSL_get_verify_result(engine_.get());
  if (verified != X509_V_OK && !SSL_is_init_finished(engine_.get())) {
    ERR_clear_error();
    return openssl::verification_error(verified);
  }
  return openssl::take_error();
}

task<result<void>> tls_stream::wait_for(need what) {
  auto const direction =
      what == need::readable ? tcp_stream::socket::wait_read : tcp_stream::socket::wait_write;
  auto const [ec] = co_await socket_.async_wait(direction, use_task_tuple);
  if (ec) co_return stream_failure(ec, socket_.is_open());
  if (!socket_.is_open()) co_return errc::connection_closed;  // closed in the meantime
  co_return result<void>{};
}

task<result<void>> tls_stream::handshake() {
  for (;;) {
    ERR_clear_error();
    auto const next = after(SSL_do_handshake(engine_.get()));
    if (next == need::nothing) co_return result<void>{};
    if (next == need::end) co_return errc::connection_closed;
    if (next == need::failed) co_return failure();
    auto const ready = co_await wait_for(next);
    if (!ready.has_value()) co_return ready.error();
  }
}

task<result<std::size_t>> tls_stream::read_some(std::span<char> into) {
  for (;;) {
    if (!socket_.is_open() || broken_) co_return errc::connection_closed;
    ERR_clear_error();
    std::size_t size = 0;
    auto const next = after(SSL_read_ex(engine_.get(), into.data(), into.size(), &size));
    if (next == need::nothing) co_return size;
    if (next == need::end) co_return std::size_t{0};
    if (next == need::failed) co_return failure();
    auto const ready = co_await wait_for(next);
    if (!ready.has_value()) co_return ready.error();
  }
}

task<result<void>> tls_stream::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    if (!socket_.is_open() || broken_) co_return errc::connection_closed;
    ERR_clear_error();
    std::size_t size = 0;
    auto const next = after(SSL_write_ex(engine_.get(), bytes.data(), bytes.size(), &size));
    if (next == need::end) co_return errc::connection_closed;
    if (next == need::failed) co_return failure();
    if (next == need::nothing) {
      bytes.remove_prefix(size);
      continue;
    }
    auto const ready = co_await wait_for(next);
    if (!ready.has_value()) co_return ready.error();
  }
  co_return result<void>{};
}

void tls_stream::shutdown_write() noexcept {
  if (!socket_.is_open() || broken_ || !SSL_is_init_finished(engine_.get())) return;
  ERR_clear_error();
  static_cast<void>(after(SSL_shutdown(engine_.get())));
  ERR_clear_error();
}

// A server may send session tickets at any time, so the raw socket being readable says nothing: the
// engine looks through what is there, and reports application data or the end.
bool tls_stream::idle_and_open() noexcept {
  if (!socket_.is_open() || broken_) return false;
  ERR_clear_error();
  char byte = 0;
  std::size_t size = 0;
  auto const next = after(SSL_peek_ex(engine_.get(), &byte, 1, &size));
  ERR_clear_error();
  return next == need::readable;
}

void tls_stream::close() noexcept {
  if (!socket_.is_open()) return;
  shutdown_write();
  error_code ignored;
  socket_.close(ignored);
}

void tls_stream::reset() noexcept {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  socket_.close(ignored);
}

}  // namespace wixtokend::net
