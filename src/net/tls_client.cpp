#include "net/openssl.hpp"
#include "net/tls.hpp"
#include "net/tls_handshake.hpp"
#include "net/tls_session_cache.hpp"
#include "net/tls_stream.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <fstream>
#include <utility>

namespace wixtokend::net {
namespace {

constexpr std::size_t ca_file_bytes_max = 4 * 1024 * 1024;  // twenty times Debian's own bundle

// RFC 7301: one length-prefixed name.
constexpr std::array<unsigned char, 9> alpn_http = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

result<std::string> read_file(std::string const& path) {
  std::ifstream in{path, std::ios::binary};
  std::string bytes(ca_file_bytes_max + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (!in.eof() || bytes.size() > ca_file_bytes_max) return errc::file_unreadable;
  return bytes;
}

result<void> trust_only(SSL_CTX* context, std::string const& pem) {
  auto const bio = openssl::memory(pem);
  int count = 0;
  for (;; ++count) {
    openssl::certificate const one{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
    if (!one) break;
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), one.get()) != 1) {
      ERR_clear_error();
      return errc::tls_setup;
    }
  }
  // Reading ends with "no start line" at the end of the file, and with anything else if it is bad.
  bool const whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!whole || count == 0) return errc::tls_setup;
  return {};
}

class client_context final : public tls_client_context {
 public:
  explicit client_context(openssl::context context)
      : context_{std::move(context)}, sessions_{std::make_shared<tls_session_cache>()} {}

  task<result<std::unique_ptr<byte_stream>>> connect(event_loop& loop, time_source& time,
                                                     std::string host, std::uint16_t port,
                                                     instant limit) override {
    auto connected = co_await connect_tcp(loop, time, host, port, limit);
    if (!connected.has_value()) co_return connected.error();
    co_return co_await handshake(std::move(*connected), time, std::move(host), port, limit);
  }

  task<result<std::unique_ptr<byte_stream>>> handshake(std::unique_ptr<byte_stream> connection,
                                                       time_source& time, std::string host,
                                                       std::uint16_t port, instant limit) override {
    auto engine = prepare(host);
    if (!engine) co_return errc::tls_setup;
    auto const key = host + ":" + std::to_string(port);
    sessions_->resume(engine.get(), key);
    keep_session kept = [cache = sessions_, key](openssl::session granted) {
      cache->keep(key, std::move(granted));
    };
    auto shaking = shake_hands(std::move(connection), std::move(engine), std::move(kept));
    co_return co_await with_deadline(time, limit, std::move(shaking));
  }

 private:
  // Whom we want to reach, and that its certificate must name it (RFC 6125 section 6).
  openssl::connection prepare(std::string const& host) {
    openssl::connection engine{SSL_new(context_.get())};
    if (!engine) return {};
    SSL_set_connect_state(engine.get());
    error_code not_an_address;
    static_cast<void>(asio::ip::make_address(host, not_an_address));
    bool const named = not_an_address ? SSL_set1_host(engine.get(), host.c_str()) == 1 &&
                                            openssl::set_host_name_indication(engine.get(), host)
                                      : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(engine.get()),
                                                                      host.c_str()) == 1;
    if (!named) return {};
    SSL_set_hostflags(engine.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return engine;
  }

  openssl::context context_;
  std::shared_ptr<tls_session_cache> sessions_;  // shared with the streams
};

}  // namespace

result<std::unique_ptr<tls_client_context>> tls_client_context::create(
    std::optional<std::string> const& ca_file) {
  auto context = openssl::make_context(TLS_client_method());
  if (!context) return errc::tls_setup;
  if (ca_file.has_value()) {
    auto const pem = read_file(*ca_file);
    if (!pem.has_value()) return pem.error();
    auto const trusted = trust_only(context.get(), *pem);
    if (!trusted.has_value()) return trusted.error();
  } else if (SSL_CTX_set_default_verify_paths(context.get()) != 1) {
    return errc::tls_setup;
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (SSL_CTX_set_alpn_protos(context.get(), alpn_http.data(), alpn_http.size()) != 0) {
    return errc::tls_setup;
  }
  tls_session_cache::enable(context.get());
  tls_stream::keep_sessions_of(context.get());
  return std::unique_ptr<tls_client_context>{std::make_unique<client_context>(std::move(context))};
}

}  // namespace wixtokend::net
