#include "base/secret.hpp"
#include "net/openssl.hpp"
#include "net/tls.hpp"
#include "net/tls_handshake.hpp"
#include "net/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <utility>

namespace wixtokend::net {
namespace {

constexpr std::array<unsigned char, 9> alpn_http = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
constexpr std::array<unsigned char, 9> session_scope = {'w', 'i', 'x', 't', 'o',
                                                        'k', 'e', 'n', 'd'};

// An encrypted key is an error: OpenSSL's own callback would ask the terminal.
int no_password(char*, int, int, void*) noexcept {
  return -1;
}

result<void> use_chain(SSL_CTX* context, std::string const& pem) {
  auto const bio = openssl::memory(pem);
  openssl::certificate const leaf{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)};
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return errc::tls_setup;
  for (;;) {
    openssl::certificate const next{PEM_read_bio_X509(bio.get(), nullptr, no_password, nullptr)};
    if (!next) break;
    if (!openssl::add_chain_certificate(context, next.get())) return errc::tls_setup;
  }
  if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) return errc::tls_setup;
  return {};
}

result<void> use_key(SSL_CTX* context, std::string const& pem) {
  auto const bio = openssl::memory(pem);
  openssl::private_key const key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr)};
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) return errc::tls_setup;
  if (SSL_CTX_check_private_key(context) != 1) return errc::tls_setup;
  return {};
}

// RFC 7301 section 3.2. A client that offers other protocols only is served all the same, since
// the answer would not differ.
// NOLINTNEXTLINE(readability-function-size): OpenSSL's signature
int choose_protocol(SSL*, unsigned char const** chosen, unsigned char* chosen_size,
                    unsigned char const* offered, unsigned offered_size, void*) {
  unsigned char* found = nullptr;
  auto const outcome = SSL_select_next_proto(&found, chosen_size, alpn_http.data(),
                                             alpn_http.size(), offered, offered_size);
  if (outcome != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

class server_context final : public tls_server_context {
 public:
  explicit server_context(openssl::context context) : context_{std::move(context)} {}

  task<result<std::unique_ptr<byte_stream>>> handshake(std::unique_ptr<byte_stream> connection,
                                                       time_source& time, instant limit) override {
    openssl::connection engine{SSL_new(context_.get())};
    if (!engine) co_return errc::tls_setup;
    SSL_set_accept_state(engine.get());
    auto shaking = shake_hands(std::move(connection), std::move(engine), keep_session{});
    co_return co_await with_deadline(time, limit, std::move(shaking));
  }

 private:
  openssl::context context_;
};

}  // namespace

result<std::unique_ptr<tls_server_context>> tls_server_context::create(
    std::string const& certificate_pem, std::string const& key_pem) {
  auto context = openssl::make_context(TLS_server_method());
  if (!context) return errc::tls_setup;
  auto used = use_chain(context.get(), certificate_pem);
  if (used.has_value()) used = use_key(context.get(), key_pem);
  ERR_clear_error();
  if (!used.has_value()) return used.error();

  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  SSL_CTX_set_session_id_context(context.get(), session_scope.data(), session_scope.size());
  return std::unique_ptr<tls_server_context>{std::make_unique<server_context>(std::move(context))};
}

}  // namespace wixtokend::net
