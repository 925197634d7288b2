#pragma once
// OpenSSL's objects with owners, its macros as functions, and its errors as error codes; only the
// `.cpp` files of TLS include this.

#include "base/error.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

namespace wixtokend::net::openssl {

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};

using bio = std::unique_ptr<BIO, deleter<BIO_free>>;
using bio_method = std::unique_ptr<BIO_METHOD, deleter<BIO_meth_free>>;
using certificate = std::unique_ptr<X509, deleter<X509_free>>;
using private_key = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using context = std::unique_ptr<SSL_CTX, deleter<SSL_CTX_free>>;
using connection = std::unique_ptr<SSL, deleter<SSL_free>>;
using session = std::unique_ptr<SSL_SESSION, deleter<SSL_SESSION_free>>;

/// A read-only BIO over bytes that must outlive it.
[[nodiscard]] bio memory(std::string_view bytes);

/// A context with what both sides share: TLS 1.2 and later, no compression, no renegotiation,
/// plaintext wiped from OpenSSL's buffers once it was read. Null if memory has run out.
[[nodiscard]] context make_context(SSL_METHOD const* method);

// Macros of OpenSSL, which cast in the C way.
bool set_host_name_indication(SSL* engine, std::string const& host) noexcept;
bool add_chain_certificate(SSL_CTX* into, X509* next) noexcept;
void mark_retry_read(BIO* which) noexcept;
void mark_retry_write(BIO* which) noexcept;
void clear_retry(BIO* which) noexcept;

/// The oldest error in OpenSSL's queue, as its own text has it; the queue is empty afterwards.
/// `connection_closed` if the other side ended without TLS's own end.
[[nodiscard]] error_code take_error() noexcept;

/// Why a certificate did not verify (`SSL_get_verify_result`), as OpenSSL's own text has it.
[[nodiscard]] error_code verification_error(long reason) noexcept;

}  // namespace wixtokend::net::openssl
