#include "wixtoken/instance.hpp"

#include <utility>

namespace wixtoken {
namespace {

// Appends the inside of a JSON string. Whether the daemon takes such a text is its own business;
// here it only has to stay one string.
void append_escaped(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20) {
      out.append("\\u00").append(1, digits[byte >> 4U]).append(1, digits[byte & 0xfU]);
    } else {
      out += c;
    }
  }
}

}  // namespace

registration registration::client_credentials(bool replace) {
  registration out;
  out.replace_ = replace;
  out.grant_ = "client_credentials";
  return out;
}

registration registration::refresh_token(secret text, bool replace) {
  registration out;
  out.grant_ = "refresh_token";
  out.member_ = "refresh_token";
  out.text_ = std::move(text);
  out.replace_ = replace;
  return out;
}

registration registration::authorization_code(secret text) {
  registration out;
  out.grant_ = "authorization_code";
  out.member_ = "code";
  out.text_ = std::move(text);
  return out;
}

secret registration::body() const {
  constexpr std::size_t rest_max = 80;  // all but the secret
  std::string out;
  out.reserve(text_.size() * 6 + rest_max);  // at the most, so that no copy of it stays behind
  out = "{";
  if (!grant_.empty()) out.append("\"grant\":\"").append(grant_).append("\"");
  if (!member_.empty()) {
    out.append(",\"").append(member_).append("\":\"");
    append_escaped(out, text_.reveal());
    out.append("\"");
  }
  out.append("}");
  return secret::take(std::move(out));
}

}  // namespace wixtoken
