#include "emulator/certificates.hpp"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace wixtokend::emulator {
namespace {

using namespace std::chrono_literals;

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* what) const noexcept {
    Free(what);
  }
};

using key_pointer = std::unique_ptr<EVP_PKEY, deleter<EVP_PKEY_free>>;
using certificate_pointer = std::unique_ptr<X509, deleter<X509_free>>;
using bio_pointer = std::unique_ptr<BIO, deleter<BIO_free_all>>;
using number_pointer = std::unique_ptr<BIGNUM, deleter<BN_free>>;
using time_pointer = std::unique_ptr<ASN1_TIME, deleter<ASN1_TIME_free>>;
using extension_pointer = std::unique_ptr<X509_EXTENSION, deleter<X509_EXTENSION_free>>;

void require(bool good, char const* what) {
  if (good) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  throw std::runtime_error{std::string{"making certificates: "} + what + ": " + reason.data()};
}

key_pointer new_key() {
  key_pointer key{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  require(key != nullptr, "key");
  return key;
}

// An authority or a server, before and after it is signed.
struct party {
  key_pointer key;
  certificate_pointer certificate;
};

struct validity {
  wall_time from;
  wall_time to;
};

void set_serial(X509& certificate) {
  number_pointer const number{BN_new()};
  require(number != nullptr && BN_rand(number.get(), 127, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1,
          "serial number");
  require(BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr,
          "serial number");
}

time_pointer asn1_time(wall_time when) {
  return time_pointer{ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(when))};
}

void set_subject(X509& certificate, std::string const& name) {
  std::string const organisation = "wix-oauth-emulator";
  auto* const subject = X509_get_subject_name(&certificate);
  auto const add = [&](char const* field, std::string const& text) {
    std::basic_string<unsigned char> const bytes{text.begin(), text.end()};
    require(X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, bytes.data(),
                                       static_cast<int>(bytes.size()), -1, 0) == 1,
            "subject");
  };
  add("O", organisation);
  add("CN", name);
}

void add_extension(X509& certificate, X509& issuer, int which, char const* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  extension_pointer const extension{X509V3_EXT_conf_nid(nullptr, &context, which, value)};
  require(extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1, value);
}

party unsigned_party(std::string const& name, validity const& valid) {
  party made{new_key(), certificate_pointer{X509_new()}};
  auto* const certificate = made.certificate.get();
  require(certificate != nullptr && X509_set_version(certificate, X509_VERSION_3) == 1, "version");
  set_serial(*certificate);
  set_subject(*certificate, name);
  auto const from = asn1_time(valid.from);
  auto const to = asn1_time(valid.to);
  require(X509_set1_notBefore(certificate, from.get()) == 1 &&
              X509_set1_notAfter(certificate, to.get()) == 1 &&
              X509_set_pubkey(certificate, made.key.get()) == 1,
          "certificate");
  return made;
}

void sign(X509& certificate, party const& issuer) {
  require(X509_set_issuer_name(&certificate, X509_get_subject_name(issuer.certificate.get())) == 1,
          "issuer");
  require(X509_sign(&certificate, issuer.key.get(), EVP_sha256()) != 0, "signature");
}

party make_authority(std::string const& name, validity const& valid) {
  auto made = unsigned_party(name, valid);
  auto& certificate = *made.certificate;
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, made);
  return made;
}

party make_server(party const& authority, char const* names, validity const& valid) {
  auto made = unsigned_party("www.wixapis.com", valid);
  auto& certificate = *made.certificate;
  auto& issuer = *authority.certificate;
  add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth");
  add_extension(certificate, issuer, NID_subject_alt_name, names);
  add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
  add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  sign(certificate, authority);
  return made;
}

std::string contents(BIO& memory) {
  std::string text;
  std::array<char, 4096> part{};
  int count = 0;
  while ((count = BIO_read(&memory, part.data(), static_cast<int>(part.size()))) > 0) {
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

std::string pem_of(X509& certificate) {
  bio_pointer const memory{BIO_new(BIO_s_mem())};
  require(memory != nullptr && PEM_write_bio_X509(memory.get(), &certificate) == 1, "PEM");
  return contents(*memory);
}

std::string pem_of(EVP_PKEY& key) {
  bio_pointer const memory{BIO_new(BIO_s_mem())};
  require(memory != nullptr && PEM_write_bio_PKCS8PrivateKey(memory.get(), &key, nullptr, nullptr,
                                                             0, nullptr, nullptr) == 1,
          "PEM");
  return contents(*memory);
}

}  // namespace

certificates make_certificates(certificate_flaw flaw, wall_time now) {
  constexpr auto names = "DNS:www.wixapis.com,DNS:localhost,IP:127.0.0.1,IP:::1";
  validity const usual{now - 1h, now + 24h * 30};
  validity const past{now - 24h * 2, now - 1h};

  auto const authority = make_authority("throw-away authority", usual);
  auto const stranger = make_authority("another throw-away authority", usual);
  auto const server =
      make_server(flaw == certificate_flaw::untrusted ? stranger : authority,
                  flaw == certificate_flaw::wrong_host ? "DNS:wrong.example" : names,
                  flaw == certificate_flaw::expired ? past : usual);
  return {pem_of(*authority.certificate), pem_of(*server.certificate), pem_of(*server.key)};
}

std::optional<certificate_flaw> certificate_named(std::string_view name) noexcept {
  if (name == "good") return certificate_flaw::none;
  if (name == "wrong-host") return certificate_flaw::wrong_host;
  if (name == "expired") return certificate_flaw::expired;
  if (name == "untrusted") return certificate_flaw::untrusted;
  return std::nullopt;
}

}  // namespace wixtokend::emulator
