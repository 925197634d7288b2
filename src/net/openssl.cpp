#include "net/openssl.hpp"

#include <openssl/err.h>
#include <openssl/x509.h>

// The macros below cast in the C way; nothing else of ours needs this.
#pragma GCC diagnostic ignored "-Wold-style-cast"

namespace wixtokend::net::openssl {
namespace {

// OpenSSL's packed error numbers fit into 31 bits, except for those of the system.
class library_category final : public boost::system::error_category {
 public:
  char const* name() const noexcept override { return "tls"; }
  std::string message(int value) const override {
    char const* const text = ERR_reason_error_string(static_cast<unsigned long>(value));
    return text != nullptr ? text : "TLS failed";
  }
};

class certificate_category final : public boost::system::error_category {
 public:
  char const* name() const noexcept override { return "certificate"; }
  std::string message(int value) const override { return X509_verify_cert_error_string(value); }
};

}  // namespace

bio memory(std::string_view bytes) {
  return bio{BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))};
}

context make_context(SSL_METHOD const* method) {
  context made{SSL_CTX_new(method)};
  if (!made || SSL_CTX_set_min_proto_version(made.get(), TLS1_2_VERSION) != 1) return {};
  SSL_CTX_set_options(made.get(),
                      SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_mode(made.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return made;
}

bool set_host_name_indication(SSL* engine, std::string const& host) noexcept {
  return SSL_set_tlsext_host_name(engine, host.c_str()) == 1;
}

bool add_chain_certificate(SSL_CTX* into, X509* next) noexcept {
  return SSL_CTX_add1_chain_cert(into, next) == 1;
}

void mark_retry_read(BIO* which) noexcept {
  BIO_set_retry_read(which);
}

void mark_retry_write(BIO* which) noexcept {
  BIO_set_retry_write(which);
}

void clear_retry(BIO* which) noexcept {
  BIO_clear_retry_flags(which);
}

error_code take_error() noexcept {
  static library_category const category;
  auto const oldest = ERR_get_error();
  ERR_clear_error();
  if (ERR_GET_REASON(oldest) == SSL_R_UNEXPECTED_EOF_WHILE_READING || oldest == 0) {
    return errc::connection_closed;
  }
  if (ERR_SYSTEM_ERROR(oldest)) {
    return {static_cast<int>(ERR_GET_REASON(oldest)), boost::system::system_category()};
  }
  return {static_cast<int>(oldest), category};
}

error_code verification_error(long reason) noexcept {
  static certificate_category const category;
  return {static_cast<int>(reason), category};
}

}  // namespace wixtokend::net::openssl
