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

// The parts of a token that are of use.
struct token_parts {
  std::string_view payload;  // encoded; empty if the token has another form
  bool legacy = false;
};

token_parts split(std::string_view token) noexcept {
  if (token.size() > token_size_max) return {};
  auto const dots = std::ranges::count(token, '.');
  if (dots != 4 && dots != 3) return {};

  std::array<std::string_view, 5> parts;
  for (auto& part : parts) {
    auto const end = std::min(token.find('.'), token.size());
    part = token.substr(0, end);
    token.remove_prefix(std::min(end + 1, token.size()));
  }
  if (dots == 4 && parts[0] == "OauthNG" && parts[1] == "JWS") return {parts[3], false};
  if (dots == 3 && parts[0] == "OAUTH2") return {parts[2], true};
  return {};
}

// `data` is JSON in a string: a document of its own, with its own limit of depth.
std::optional<instance_id> instance_in(std::string_view data, bool legacy) {
  auto const parsed = parse_object(data);
  if (!parsed.has_value()) return std::nullopt;
  auto const* const instance = legacy ? &*parsed : object_at(*parsed, "instance");
  if (instance == nullptr) return std::nullopt;
  auto const id = instance_id::parse(string_at(*instance, "instanceId"));
  return id.has_value() ? std::optional{*id} : std::nullopt;
}

}  // namespace

std::optional<token_claims> decode_token(std::string_view token) {
  auto const parts = split(token);
  auto bytes = base64url_decode(parts.payload);
  if (!bytes.has_value()) return std::nullopt;
  auto const payload = parse_object(*bytes);
  wipe(*bytes);  // a piece of a token
  if (!payload.has_value()) return std::nullopt;

  token_claims claims;
  claims.instance = instance_in(string_at(*payload, "data"), parts.legacy);
  if (parts.legacy) return claims;
  claims.issued_at = unix_seconds_at(*payload, "iat");
  claims.expires_at = unix_seconds_at(*payload, "exp");
  return claims;
}

}  // namespace wixtokend::wix
