#include "emulator/certificates.hpp"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <chrono>
#include <memory>
#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;

namespace {

wall_time const now{1'795'435'200'000ms};

struct free_all {
  void operator()(X509* what) const { X509_free(what); }
  void operator()(EVP_PKEY* what) const { EVP_PKEY_free(what); }
  void operator()(BIO* what) const { BIO_free(what); }
  void operator()(X509_STORE* what) const { X509_STORE_free(what); }
  void operator()(X509_STORE_CTX* what) const { X509_STORE_CTX_free(what); }
};
template <class T>
using owned = std::unique_ptr<T, free_all>;

owned<BIO> source(std::string const& text) {
  return owned<BIO>{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

owned<X509> certificate(std::string const& pem) {
  auto const bio = source(pem);
  return owned<X509>{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)};
}

// What OpenSSL says of the server's certificate at that time; X509_V_OK if it is good.
int verified(certificates const& made, wall_time when = now) {
  owned<X509_STORE> const store{X509_STORE_new()};
  auto const authority = certificate(made.authority);
  auto const server = certificate(made.server);
  REQUIRE(X509_STORE_add_cert(store.get(), authority.get()) == 1);
  owned<X509_STORE_CTX> const context{X509_STORE_CTX_new()};
  REQUIRE(X509_STORE_CTX_init(context.get(), store.get(), server.get(), nullptr) == 1);
  auto* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_time(parameters, std::chrono::system_clock::to_time_t(when));
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

bool names(certificates const& made, std::string const& host) {
  return X509_check_host(certificate(made.server).get(), host.data(), host.size(), 0, nullptr) == 1;
}

bool names_address(certificates const& made, char const* address) {
  return X509_check_ip_asc(certificate(made.server).get(), address, 0) == 1;
}

}  // namespace

TEST_SUITE("emulator.certificates") {
  TEST_CASE("a good certificate is issued by the authority for the upstream and for loopback") {
    auto const made = make_certificates(certificate_flaw::none, now);
    CHECK(verified(made) == X509_V_OK);
    CHECK(names(made, "www.wixapis.com"));
    CHECK(names(made, "localhost"));
    CHECK_FALSE(names(made, "wrong.example"));
    CHECK_FALSE(names(made, "wixapis.com"));
    CHECK(names_address(made, "127.0.0.1"));
    CHECK(names_address(made, "::1"));
    CHECK_FALSE(names_address(made, "127.0.0.2"));
  }

  TEST_CASE("the private key is that of the server's certificate") {
    auto const made = make_certificates(certificate_flaw::none, now);
    auto const bio = source(made.key);
    owned<EVP_PKEY> const key{PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr)};
    REQUIRE(key != nullptr);
    CHECK(X509_check_private_key(certificate(made.server).get(), key.get()) == 1);
    CHECK(X509_check_private_key(certificate(made.authority).get(), key.get()) == 0);
  }

  TEST_CASE("certificates are good from an hour ago for thirty days") {
    auto const made = make_certificates(certificate_flaw::none, now);
    CHECK(verified(made, now - 59min) == X509_V_OK);
    CHECK(verified(made, now - 61min) == X509_V_ERR_CERT_NOT_YET_VALID);
    CHECK(verified(made, now + 24h * 30 - 1min) == X509_V_OK);
    CHECK(verified(made, now + 24h * 30 + 1min) == X509_V_ERR_CERT_HAS_EXPIRED);
  }

  TEST_CASE("an expired certificate is expired and otherwise good") {
    auto const made = make_certificates(certificate_flaw::expired, now);
    CHECK(verified(made) == X509_V_ERR_CERT_HAS_EXPIRED);
    CHECK(names(made, "localhost"));
  }

  TEST_CASE("a certificate of the wrong host is otherwise good") {
    auto const made = make_certificates(certificate_flaw::wrong_host, now);
    CHECK(verified(made) == X509_V_OK);
    CHECK_FALSE(names(made, "localhost"));
    CHECK_FALSE(names(made, "www.wixapis.com"));
    CHECK_FALSE(names_address(made, "127.0.0.1"));
    CHECK(names(made, "wrong.example"));
  }

  TEST_CASE("an untrusted certificate is of another authority") {
    auto const made = make_certificates(certificate_flaw::untrusted, now);
    CHECK(verified(made) == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    CHECK(names(made, "localhost"));
  }

  TEST_CASE("every start has keys of its own") {
    auto const one = make_certificates(certificate_flaw::none, now);
    auto const two = make_certificates(certificate_flaw::none, now);
    CHECK(one.key != two.key);
    CHECK(one.authority != two.authority);
  }

  TEST_CASE("flaws are known by their names") {
    CHECK(certificate_named("good") == certificate_flaw::none);
    CHECK(certificate_named("wrong-host") == certificate_flaw::wrong_host);
    CHECK(certificate_named("expired") == certificate_flaw::expired);
    CHECK(certificate_named("untrusted") == certificate_flaw::untrusted);
    CHECK_FALSE(certificate_named("bad").has_value());
  }
}
