#include "emulator/webhook_keys.hpp"

#include "base/base64url.hpp"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;

namespace {

unsigned char const* bytes_of(std::string_view text) {
  return reinterpret_cast<unsigned char const*>(text.data());
}

struct parts {
  std::string header;
  std::string payload;
  std::string signature;
  std::string signed_text;
};

parts parts_of(std::string const& jwt) {
  auto const first = jwt.find('.');
  auto const last = jwt.rfind('.');
  return {base64url_decode(jwt.substr(0, first)).value(),
          base64url_decode(jwt.substr(first + 1, last - first - 1)).value(),
          base64url_decode(jwt.substr(last + 1)).value(), jwt.substr(0, last)};
}

bool verifies(std::string const& pem, parts const& jwt, bool pss = false) {
  std::unique_ptr<BIO, int (*)(BIO*)> const memory{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
  std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> const key{
      PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
  REQUIRE(key != nullptr);
  CHECK(EVP_PKEY_get_bits(key.get()) == 2048);
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> const context{EVP_MD_CTX_new(),
                                                                   EVP_MD_CTX_free};
  EVP_PKEY_CTX* padding = nullptr;
  REQUIRE(EVP_DigestVerifyInit(context.get(), &padding, EVP_sha256(), nullptr, key.get()) == 1);
  if (pss) REQUIRE(EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1);
  return EVP_DigestVerify(context.get(), bytes_of(jwt.signature), jwt.signature.size(),
                          bytes_of(jwt.signed_text), jwt.signed_text.size()) == 1;
}

}  // namespace

TEST_SUITE("emulator.webhook_keys") {
  TEST_CASE("a webhook is signed as asked for, rightly with RS256 only (U-67, U-115)") {
    webhook_keys keys;
    app_number const app{0};
    auto const pem = keys.public_pem(app);
    auto const signed_as = [&](webhook_signature how) {
      auto made = parts_of(keys.sign(app, R"({"x":1})", how));
      CHECK(made.payload == R"({"x":1})");
      return made;
    };

    auto const right = signed_as(webhook_signature::rs256);
    CHECK(right.header == R"({"kid":"emulator","alg":"RS256"})");
    CHECK(verifies(pem, right));
    CHECK_FALSE(verifies(keys.public_pem(app_number{1}), right));

    auto const pss = signed_as(webhook_signature::ps256);
    CHECK(pss.header == R"({"kid":"emulator","alg":"PS256"})");
    CHECK(verifies(pem, pss, true));
    CHECK_FALSE(verifies(pem, pss));

    auto const hmac = signed_as(webhook_signature::hs256);
    CHECK(hmac.header == R"({"kid":"emulator","alg":"HS256"})");
    std::array<unsigned char, 32> code{};
    REQUIRE(HMAC(EVP_sha256(), pem.data(), static_cast<int>(pem.size()), bytes_of(hmac.signed_text),
                 hmac.signed_text.size(), code.data(), nullptr) != nullptr);
    CHECK(hmac.signature == std::string(code.begin(), code.end()));

    auto const none = signed_as(webhook_signature::none);
    CHECK(none.header == R"({"kid":"emulator","alg":"none"})");
    CHECK(none.signature.empty());

    auto const stranger = signed_as(webhook_signature::stranger);
    CHECK(stranger.header == right.header);
    CHECK_FALSE(verifies(pem, stranger));
  }

  TEST_CASE("the line is the base64 of the PEM, and a key stays") {
    webhook_keys keys;
    app_number const app{3};
    auto line = keys.public_line(app);
    for (auto& c : line) c = c == '+' ? '-' : c == '/' ? '_' : c;
    while (line.ends_with('=')) line.pop_back();
    CHECK(base64url_decode(line).value() == keys.public_pem(app));
    CHECK(keys.sign(app, "{}", webhook_signature::rs256) ==
          keys.sign(app, "{}", webhook_signature::rs256));
  }
}
