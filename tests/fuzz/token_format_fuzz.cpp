// Any token, and any payload in the right envelope: never a crash, only claims within their range;
// what a token does not carry of itself (its header, its signature) changes nothing.
#include "base/base64url.hpp"
#include "support/fuzzing.hpp"
#include "support/wix_samples.hpp"
#include "wix/token_format.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

using namespace wixtokend;
using test::require;

namespace {

std::optional<wix::token_claims> decode(std::string_view token) {
  auto const claims = wix::decode_token(token);
  if (!claims.has_value()) return claims;
  require(token.size() <= wix::token_size_max);
  require(claims->issued_at.value_or(0) >= 0 && claims->expires_at.value_or(0) >= 0);
  return claims;
}

bool same(std::optional<wix::token_claims> const& left,
          std::optional<wix::token_claims> const& right) {
  if (!left.has_value() || !right.has_value()) return left.has_value() == right.has_value();
  return left->instance == right->instance && left->issued_at == right->issued_at &&
         left->expires_at == right->expires_at;
}

// Each byte string has one spelling, and each spelling one meaning.
void check_base64url(std::string_view bytes) {
  auto const back = base64url_decode(base64url_encode(bytes));
  require(back.has_value() && *back == bytes);
  auto const decoded = base64url_decode(bytes);
  if (decoded.has_value()) require(base64url_encode(*decoded) == bytes);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const bytes = test::as_text(data, size);
  check_base64url(bytes);
  decode(bytes);
  if (size > 8 * 1024) return 0;  // the envelope would be too large

  auto const claims = decode(test::token_with_payload(bytes));
  auto const payload = base64url_encode(bytes);
  require(same(decode("OauthNG.JWS.." + payload + "."), claims));
  // A token of custom authentication tells its instance only.
  auto const legacy = decode("OAUTH2.header." + payload + ".signature");
  require(legacy.has_value() == claims.has_value());
  require(!legacy.has_value() || (!legacy->issued_at && !legacy->expires_at));
  for (auto const* const other : {"OauthNG.JWE.h.", "oauthng.JWS.h.", "JWS.h."}) {
    require(!decode(other + payload + ".s").has_value());
  }
  return 0;
}
