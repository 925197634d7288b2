#include "emulator/token_mint.hpp"

#include "base/base64url.hpp"
#include "emulator/dates.hpp"

#include <boost/json.hpp>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

constexpr std::string_view modern_prefix = "OauthNG.JWS.";
constexpr std::string_view legacy_prefix = "OAUTH2.";
constexpr std::string_view header = R"({"kid":"emulator","alg":"HS256"})";
constexpr std::string_view key = "the key of wix-oauth-emulator, known to everybody";
constexpr std::size_t signature_chars = 43;
constexpr std::size_t serial_chars = 16;

constexpr std::array<std::string_view, 5> kind_names{"access", "visitor", "legacy_access",
                                                     "refresh", "code"};

bool is_modern(token_kind kind) {
  return kind == token_kind::access || kind == token_kind::visitor;
}

seconds whole_seconds(wall_time when) {
  return std::chrono::floor<seconds>(when.time_since_epoch());
}

std::string printed_guid(std::array<std::uint8_t, 16> const& bytes, std::uint8_t salt) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (auto const byte : bytes) {
    auto const mixed = static_cast<unsigned>(byte ^ salt);
    if (text.size() == 8 || text.size() == 13 || text.size() == 18 || text.size() == 23) {
      text.push_back('-');
    }
    text.push_back(digits[mixed >> 4U]);
    text.push_back(digits[mixed & 0xfU]);
  }
  return text;
}

std::string printed_serial(std::uint64_t serial) {
  std::array<char, serial_chars> text{};
  text.fill('0');
  std::array<char, serial_chars> number{};
  auto const end = std::to_chars(number.data(), number.data() + number.size(), serial, 16).ptr;
  std::copy_backward(number.data(), end, text.data() + text.size());
  return {text.data(), text.size()};
}

std::optional<std::uint64_t> read_serial(std::string_view nonce) {
  auto const text = nonce.substr(0, serial_chars);
  std::uint64_t serial = 0;
  auto const* const end = text.data() + text.size();
  auto const [stopped, failure] = std::from_chars(text.data(), end, serial, 16);
  if (failure != std::errc{} || stopped != end) return std::nullopt;
  return serial;
}

// `data` is JSON within a JSON string, so its quotes are escaped. No value here needs escaping.
void add_text(std::string& out, std::string_view name, std::string_view value) {
  out.append(R"(\")").append(name).append(R"(\":\")").append(value).append(R"(\",)");
}

void add_modern_data(std::string& out, claims const& about, bool with_owner) {
  out.append(R"({\"instance\":{)");
  add_text(out, "instanceId", about.instance.to_string());
  add_text(out, "appDefId", about.app_id);
  add_text(out, "signDate", iso8601(about.issued));
  if (about.kind == token_kind::visitor) {
    add_text(out, "aid", printed_guid(about.instance.bytes(), 0x0f));
  }
  add_text(out, "permissions", "OWNER");
  out.append(R"(\"demoMode\":false,)");
  if (with_owner) add_text(out, "siteOwnerId", owner_of(about.instance));
  add_text(out, "metaSiteId", site_of(about.instance));
  add_text(out, "expirationDate", iso8601(about.expires()));
}

void add_legacy_data(std::string& out, claims const& about) {
  out.append(R"({)");
  add_text(out, "kind", kind_names.at(static_cast<std::size_t>(about.kind)));
  add_text(out, "appId", about.app_id);
  add_text(out, "instanceId", about.instance.to_string());
  add_text(out, "signDate", iso8601(about.issued));
}

// The payload, `chars` characters long in base64url if the claims leave room for that.
std::string payload_of(claims const& about, std::size_t chars, bool with_owner) {
  bool const modern = is_modern(about.kind);
  std::string end = modern ? R"(\"}}","iat":)" : R"(\"}","iat":)";
  end += std::to_string(whole_seconds(about.issued).count());
  if (about.life.count() != 0) {
    end += R"(,"exp":)" + std::to_string(whole_seconds(about.expires()).count());
  }
  end += '}';

  std::string out;
  out.reserve(chars);
  out.append(R"({"data":")");
  if (modern) {
    add_modern_data(out, about, with_owner);
  } else {
    add_legacy_data(out, about);
  }
  out.append(R"(\"nonce\":\")").append(printed_serial(about.serial));
  auto const wanted = chars * 3 / 4;
  auto const present = out.size() + end.size();
  if (present < wanted) out.append(wanted - present, 'x');
  return out.append(end);
}

std::optional<json::value> parsed(std::string_view text) {
  error_code failure;
  auto value = json::parse(text, failure);
  if (failure || !value.is_object()) return std::nullopt;
  return value;
}

std::string_view text_at(json::object const& from, std::string_view name) {
  auto const* const value = from.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : "";
}

std::optional<token_kind> kind_of(bool modern, json::object const& data) {
  if (modern) return data.contains("aid") ? token_kind::visitor : token_kind::access;
  auto const found = std::find(kind_names.begin(), kind_names.end(), text_at(data, "kind"));
  if (found == kind_names.end()) return std::nullopt;
  return static_cast<token_kind>(found - kind_names.begin());
}

// `2026-11-23T12:00:00.123Z`: the milliseconds, the only part that `iat` does not tell.
std::int64_t milliseconds_in(std::string_view date) {
  std::int64_t value = 0;
  if (date.size() != 24) return 0;
  auto const digits = date.substr(20, 3);
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::optional<claims> claims_in(bool modern, std::string_view payload) {
  auto const outer = parsed(payload);
  if (!outer.has_value()) return std::nullopt;
  auto const& envelope = outer->get_object();
  auto const inner = parsed(text_at(envelope, "data"));
  if (!inner.has_value()) return std::nullopt;
  auto const* const within = modern ? inner->get_object().if_contains("instance") : &*inner;
  auto const* const issued = envelope.if_contains("iat");
  if (within == nullptr || !within->is_object()) return std::nullopt;
  if (issued == nullptr || !issued->is_int64()) return std::nullopt;

  auto const& data = within->get_object();
  auto const kind = kind_of(modern, data);
  auto const instance = instance_id::parse(text_at(data, "instanceId"));
  auto const serial = read_serial(text_at(data, "nonce"));
  if (!kind.has_value() || !instance.has_value() || !serial.has_value()) return std::nullopt;

  claims about;
  about.kind = *kind;
  about.app_id = text_at(data, modern ? "appDefId" : "appId");
  about.instance = *instance;
  about.issued = wall_time{seconds{issued->get_int64()} +
                           std::chrono::milliseconds{milliseconds_in(text_at(data, "signDate"))}};
  about.serial = *serial;
  auto const* const end = envelope.if_contains("exp");
  if (end != nullptr && end->is_int64()) {
    about.life = seconds{end->get_int64() - issued->get_int64()};
  }
  return about;
}

}  // namespace

wall_time claims::expires() const noexcept {
  return life.count() == 0 ? wall_time::max() : wall_time{whole_seconds(issued) + life};
}

std::string site_of(instance_id const& instance) {
  return printed_guid(instance.bytes(), 0x51);
}

std::string owner_of(instance_id const& instance) {
  return printed_guid(instance.bytes(), 0xa2);
}

instance_id another_instance(instance_id const& instance) {
  return *instance_id::parse(printed_guid(instance.bytes(), 0xff));
}

// HMAC-SHA256 with one keyed context, started anew for each token.
struct token_mint::signer {
  EVP_MAC* algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(algorithm);

  signer() {
    std::array<char, 7> digest{"SHA256"};
    std::array<OSSL_PARAM, 2> const parameters{
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    std::array<unsigned char, key.size()> bytes{};
    std::copy(key.begin(), key.end(), bytes.begin());
    if (context == nullptr ||
        EVP_MAC_init(context, bytes.data(), bytes.size(), parameters.data()) != 1) {
      throw std::runtime_error{"OpenSSL cannot sign with HMAC-SHA256"};
    }
  }
  signer(signer const&) = delete;
  signer& operator=(signer const&) = delete;
  ~signer() {
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(algorithm);
  }

  // The signature of `text`, in base64url.
  [[nodiscard]] std::string sign(std::string_view text) const {
    std::array<char, 32> code{};
    std::array<unsigned char, 32> bytes{};
    std::size_t size = 0;
    auto const* const input =
        static_cast<unsigned char const*>(static_cast<void const*>(text.data()));
    if (EVP_MAC_init(context, nullptr, 0, nullptr) != 1 ||
        EVP_MAC_update(context, input, text.size()) != 1 ||
        EVP_MAC_final(context, bytes.data(), &size, bytes.size()) != 1) {
      throw std::runtime_error{"OpenSSL cannot sign with HMAC-SHA256"};
    }
    std::transform(bytes.begin(), bytes.end(), code.begin(),
                   [](unsigned char byte) { return static_cast<char>(byte); });
    return base64url_encode({code.data(), size});
  }
};

token_mint::token_mint() : signer_{std::make_unique<signer>()} {}
token_mint::~token_mint() = default;

std::string token_mint::make(claims const& about, std::size_t size) const {
  static std::string const encoded_header = base64url_encode(header);
  bool const modern = is_modern(about.kind);
  auto const prefix = modern ? modern_prefix : legacy_prefix;
  auto const bounded = std::clamp(size, size_min, size_max);
  auto const around = prefix.size() + encoded_header.size() + signature_chars + 2;

  std::string token;
  token.reserve(bounded);
  token.append(prefix).append(encoded_header).append(1, '.');
  token += base64url_encode(payload_of(about, bounded - around, bounded >= size_with_owner));
  auto const signature = signer_->sign(std::string_view{token}.substr(prefix.size()));
  return token.append(1, '.').append(signature);
}

std::optional<claims> token_mint::read(std::string_view token) const {
  bool const modern = token.starts_with(modern_prefix);
  if (!modern && !token.starts_with(legacy_prefix)) return std::nullopt;
  token.remove_prefix(modern ? modern_prefix.size() : legacy_prefix.size());

  auto const first = token.find('.');
  auto const last = token.rfind('.');
  if (first == token.npos || first == last) return std::nullopt;
  auto const signature = signer_->sign(token.substr(0, last));
  auto const given = token.substr(last + 1);
  if (signature.size() != given.size() ||
      CRYPTO_memcmp(signature.data(), given.data(), given.size()) != 0) {
    return std::nullopt;
  }
  auto const payload = base64url_decode(token.substr(first + 1, last - first - 1));
  if (!payload.has_value()) return std::nullopt;
  return claims_in(modern, *payload);
}

}  // namespace wixtokend::emulator
