#include "wix/token_format.hpp"

#include "base/base64url.hpp"
#include "base/secret.hpp"
#include "wix/json_reading.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <string>

namespace wixtokend::wix {
namespace {

// The payload in its encoded form; empty if the token has another form.
std::string_view payload_of(std::string_view token) noexcept {
  if (token.size() > token_size_max || std::ranges::count(token, '.') != 4) return {};

  std::array<std::string_view, 5> parts;
  for (auto& part : parts) {
    auto const end = std::min(token.find('.'), token.size());
    part = token.substr(0, end);
    token.remove_prefix(std::min(end + 1, token.size()));
  }
  return parts[0] == "OauthNG" && parts[1] == "JWS" ? parts[3] : std::string_view{};
}

// `data` is JSON in a string: a document of its own, with its own limit of depth.
std::optional<instance_id> instance_in(std::string_view data) {
  auto const parsed = parse_object(data);
  if (!parsed.has_value()) return std::nullopt;
  auto const* const instance = object_at(*parsed, "instance");
  if (instance == nullptr) return std::nullopt;
  auto const id = instance_id::parse(string_at(*instance, "instanceId"));
  return id.has_value() ? std::optional{*id} : std::nullopt;
}

}  // namespace

std::optional<token_claims> decode_token(std::string_view token) {
  auto bytes = base64url_decode(payload_of(token));
  if (!bytes.has_value()) return std::nullopt;
  auto const payload = parse_object(*bytes);
  wipe(*bytes);  // a piece of a token
  if (!payload.has_value()) return std::nullopt;

  token_claims claims;
  claims.instance = instance_in(string_at(*payload, "data"));
  claims.issued_at = unix_seconds_at(*payload, "iat");
  claims.expires_at = unix_seconds_at(*payload, "exp");
  return claims;
}

}  // namespace wixtokend::wix
