#include "wix/webhook.hpp"

#include "base/base64url.hpp"
#include "wix/json_reading.hpp"
#include "wix/webhook_claims.hpp"

#include <boost/json.hpp>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include <algorithm>

namespace wixtokend::wix {
namespace {

using service::webhook_refusal;

constexpr std::string_view pem_begin = "-----BEGIN ";
constexpr std::string_view white_space = " \t\r\n";

template <auto Free>
struct deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Free(object);
  }
};
using digest_context = std::unique_ptr<EVP_MD_CTX, deleter<EVP_MD_CTX_free>>;
using decoder_context = std::unique_ptr<OSSL_DECODER_CTX, deleter<OSSL_DECODER_CTX_free>>;
using key_check = std::unique_ptr<EVP_PKEY_CTX, deleter<EVP_PKEY_CTX_free>>;

class key_category final : public boost::system::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "public_key"; }
  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<public_key_error>(value)) {
      case public_key_error::not_a_key: return "neither a public key in PEM, nor the base64 of one";
      case public_key_error::private_key: return "it is a private key; the public one is needed";
      case public_key_error::not_rsa: return "not an RSA key";
      case public_key_error::bad_size:
        return "not a sound RSA key of at least " + std::to_string(rsa_bits_min) + " bits";
    }
    return "unknown error";
  }
};

// What failed here leaves no error behind that TLS would take for its own.
class error_mark {
 public:
  error_mark() noexcept { ERR_set_mark(); }
  error_mark(error_mark const&) = delete;
  error_mark& operator=(error_mark const&) = delete;
  ~error_mark() { ERR_pop_to_mark(); }
};

unsigned char const* bytes_of(std::string_view text) noexcept {
  return static_cast<unsigned char const*>(static_cast<void const*>(text.data()));
}

std::string_view trimmed(std::string_view text) noexcept {
  auto const from = text.find_first_not_of(white_space);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(white_space) - from + 1);
}

// Base64 as RFC 4648 section 4 has it, save that white space may stand in it and the padding may be
// missing: it is turned into base64url, whose decoder is strict.
result<std::string> decode_base64(std::string_view text) {
  std::string url;
  url.reserve(text.size());
  for (char const c : text) {
    if (white_space.find(c) != std::string_view::npos) continue;
    if (c == '-' || c == '_') return public_key_error::not_a_key;
    url.push_back(c == '+' ? '-' : c == '/' ? '_' : c);
  }
  for (int padding = 0; padding < 2 && !url.empty() && url.back() == '='; ++padding) url.pop_back();
  return base64url_decode(url);
}

// The label of a text that is one PEM block and nothing else; empty for anything else.
std::string_view label_of(std::string_view pem) {
  constexpr std::string_view dashes = "-----";
  if (!pem.starts_with(pem_begin)) return {};
  auto const rest = pem.substr(pem_begin.size());
  auto const label = rest.substr(0, rest.find(dashes));
  auto const end = "-----END " + std::string{label} + std::string{dashes};
  auto const at = pem.find(end);
  return at != std::string_view::npos && at + end.size() == pem.size() ? label : std::string_view{};
}

std::shared_ptr<EVP_PKEY> decode_key(std::string_view pem) {
  EVP_PKEY* decoded = nullptr;
  decoder_context const context{OSSL_DECODER_CTX_new_for_pkey(
      &decoded, "PEM", nullptr, nullptr, EVP_PKEY_PUBLIC_KEY, nullptr, nullptr)};
  auto const* rest = bytes_of(pem);
  auto size = pem.size();
  if (context == nullptr || OSSL_DECODER_from_data(context.get(), &rest, &size) != 1)
    return nullptr;
  return {decoded, EVP_PKEY_free};
}

bool is_sound(EVP_PKEY& key) {
  auto const bits = EVP_PKEY_get_bits(&key);
  if (bits < rsa_bits_min || bits > rsa_bits_max) return false;
  key_check const check{EVP_PKEY_CTX_new_from_pkey(nullptr, &key, nullptr)};
  return check != nullptr && EVP_PKEY_public_check(check.get()) == 1;
}

// A JWT's three parts, still encoded (RFC 7515 section 3.1).
struct jwt_parts {
  std::string_view header;
  std::string_view payload;
  std::string_view signature;
  std::string_view signed_text;
};

std::optional<jwt_parts> split(std::string_view jwt) noexcept {
  if (std::ranges::count(jwt, '.') != 2) return std::nullopt;
  auto const first = jwt.find('.');
  auto const second = jwt.find('.', first + 1);
  return jwt_parts{jwt.substr(0, first), jwt.substr(first + 1, second - first - 1),
                   jwt.substr(second + 1), jwt.substr(0, second)};
}

}  // namespace

error_code make_error_code(public_key_error value) noexcept {
  static key_category const category;
  return {static_cast<int>(value), category};
}

result<public_key> parse_public_key(std::string_view text) {
  error_mark const mark;
  if (text.size() > public_key_size_max) return public_key_error::not_a_key;
  std::string pem{trimmed(text)};
  if (!pem.starts_with(pem_begin)) {
    auto const decoded = decode_base64(pem);
    if (!decoded.has_value()) return public_key_error::not_a_key;
    pem = trimmed(*decoded);
  }

  auto const label = label_of(pem);
  if (label.ends_with("PRIVATE KEY")) return public_key_error::private_key;
  if (label != "PUBLIC KEY" && label != "RSA PUBLIC KEY") return public_key_error::not_a_key;
  auto key = decode_key(pem);
  if (key == nullptr) return public_key_error::not_a_key;
  if (EVP_PKEY_is_a(key.get(), "RSA") != 1) return public_key_error::not_rsa;
  if (!is_sound(*key)) return public_key_error::bad_size;
  return public_key{std::move(key)};
}

bool public_key::verifies(std::string_view text, std::string_view signature) const noexcept {
  error_mark const mark;
  digest_context const context{EVP_MD_CTX_new()};
  // The padding is PKCS #1 v1.5 unless another is asked for.
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

std::variant<service::webhook, webhook_refusal> webhook_verifier::verify(std::string_view body,
                                                                         wall_time now) const {
  if (!settings_.key.has_value()) return webhook_refusal::not_configured;
  if (body.size() > webhook_size_max) return webhook_refusal::malformed;
  auto const parts = split(trimmed(body));
  if (!parts.has_value()) return webhook_refusal::malformed;
  auto const header_text = base64url_decode(parts->header);
  auto const payload = base64url_decode(parts->payload);
  auto const signature = base64url_decode(parts->signature);
  if (!header_text.has_value() || !payload.has_value() || !signature.has_value()) {
    return webhook_refusal::malformed;
  }

  // The key decides on the algorithm, and the header may only agree; no extension is understood
  // here, so that none may be critical (RFC 7515 section 4.1.11).
  auto const header = parse_object(*header_text);
  if (!header.has_value() || header->contains("crit")) return webhook_refusal::malformed;
  if (string_at(*header, "alg") != "RS256") return webhook_refusal::bad_signature;
  if (!settings_.key->verifies(parts->signed_text, *signature)) {
    return webhook_refusal::bad_signature;
  }

  auto const read = read_webhook_claims(*payload, settings_.app_id);
  if (auto const* const refused = std::get_if<webhook_refusal>(&read)) return *refused;
  auto const& claims = std::get<webhook_claims>(read);
  if (!claims.expires_at.has_value()) {
    if (settings_.require_exp) return webhook_refusal::expired;
  } else if (now - *claims.expires_at >= settings_.exp_leeway) {
    return webhook_refusal::expired;  // RFC 7519 section 4.1.4: on or after that time
  }
  return claims.content;
}

}  // namespace wixtokend::wix
