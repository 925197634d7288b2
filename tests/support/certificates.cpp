#include "support/certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace wixtokend::test {
namespace {

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using bio = std::unique_ptr<BIO, deleter<BIO_free>>;
using x509 = std::unique_ptr<X509, deleter<X509_free>>;
using key = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using extension = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;

void require(bool good) {
  if (!good) throw std::runtime_error{"OpenSSL made no certificate"};
}

key make_key() {
  key made{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  require(made != nullptr);
  return made;
}

void add_extension(X509* to, int kind, std::string const& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, to, to, nullptr, nullptr, 0);
  extension const made{X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str())};
  require(made && X509_add_ext(to, made.get(), -1) == 1);
}

// Version 3, a serial number of its own, named `name`; neither issued nor signed yet.
x509 begin(std::string const& name, certificate_content const& content, EVP_PKEY* subject_key) {
  static long serial = 1;
  x509 made{X509_new()};
  require(made != nullptr);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial++);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), content.valid_from.count());
  X509_gmtime_adj(X509_getm_notAfter(made.get()), content.valid_until.count());
  X509_set_pubkey(made.get(), subject_key);
  auto const* const text = reinterpret_cast<unsigned char const*>(name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_UTF8, text, -1, -1,
                             0);
  return made;
}

std::string text_of(BIO* from) {
  std::string text(static_cast<std::size_t>(BIO_pending(from)), '\0');
  require(BIO_read(from, text.data(), static_cast<int>(text.size())) ==
          static_cast<int>(text.size()));
  return text;
}

std::string pem_of(X509* certificate) {
  bio const out{BIO_new(BIO_s_mem())};
  require(PEM_write_bio_X509(out.get(), certificate) == 1);
  return text_of(out.get());
}

std::string pem_of(EVP_PKEY* secret) {
  bio const out{BIO_new(BIO_s_mem())};
  require(PEM_write_bio_PrivateKey(out.get(), secret, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return text_of(out.get());
}

}  // namespace

struct certificate_authority::parts {
  key secret = make_key();
  x509 certificate;
};

certificate_authority::certificate_authority(std::string const& name)
    : parts_{std::make_unique<parts>()} {
  auto made = begin(name, certificate_content{}, parts_->secret.get());
  X509_set_issuer_name(made.get(), X509_get_subject_name(made.get()));
  add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(made.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  require(X509_sign(made.get(), parts_->secret.get(), EVP_sha256()) > 0);
  parts_->certificate = std::move(made);
}

certificate_authority::~certificate_authority() = default;

std::string certificate_authority::pem() const {
  return pem_of(parts_->certificate.get());
}

server_identity certificate_authority::issue(certificate_content const& content) const {
  auto const secret = make_key();
  auto made = begin("test server", content, secret.get());
  X509_set_issuer_name(made.get(), X509_get_subject_name(parts_->certificate.get()));
  add_extension(made.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(made.get(), NID_ext_key_usage, "serverAuth");
  std::string names;
  for (auto const& name : content.names) names += (names.empty() ? "DNS:" : ",DNS:") + name;
  for (auto const& address : content.addresses) {
    names += (names.empty() ? "IP:" : ",IP:") + address;
  }
  if (!names.empty()) add_extension(made.get(), NID_subject_alt_name, names);
  require(X509_sign(made.get(), parts_->secret.get(), EVP_sha256()) > 0);
  return {pem_of(made.get()), pem_of(secret.get())};
}

}  // namespace wixtokend::test
