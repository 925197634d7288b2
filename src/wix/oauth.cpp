#include "wix/oauth.hpp"

#include "wix/error_reply.hpp"
#include "wix/json_reading.hpp"
#include "wix/refusal.hpp"
#include "wix/reply_time.hpp"
#include "wix/token_format.hpp"
#include "wix/token_info.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

namespace wixtokend::wix {
namespace json = boost::json;
namespace {

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('"');
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (byte < 0x20) {
      out += "\\u00";
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xfU]);
      continue;
    }
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  out.push_back('"');
}

// A string that will not move while it grows to what `texts` need at most, so that no copy of a
// secret stays behind.
std::string reserved_for(std::initializer_list<std::string_view> texts) {
  std::size_t size = 128;  // the names of the fields
  for (auto const text : texts) size += 6 * text.size();
  std::string body;
  body.reserve(size);
  return body;
}

// What may stand in an `Authorization` header and in RFC 6749's `access_token`.
bool is_sendable(std::string_view token) noexcept {
  return token.size() <= token_size_max &&
         std::ranges::all_of(token, [](char c) { return c >= 0x20 && c < 0x7f; });
}

struct stated_life {
  duration length{};
  bool assumed = false;
};

std::optional<stated_life> life_in(json::object const& body) noexcept {
  auto const* const expires_in = body.if_contains("expires_in");
  if (expires_in == nullptr || expires_in->is_null()) return stated_life{life_assumed, true};

  auto const number = number_in(*expires_in);
  if (!number.has_value()) return std::nullopt;
  constexpr std::chrono::duration<double> longest = life_max;
  std::chrono::duration<double> const seconds{std::clamp(*number, 0.0, longest.count())};
  return stated_life{std::chrono::duration_cast<duration>(seconds), false};
}

duration bounded_life(std::int64_t seconds) noexcept {
  return std::chrono::seconds{std::clamp<std::int64_t>(seconds, 0, life_max.count())};
}

// Shortens a life to what the token says of itself (docs/upstream.md U-19).
duration shortened(duration life, token_claims const& claims, http::fields const& headers) {
  if (!claims.expires_at.has_value()) return life;
  auto const expires_at = *claims.expires_at;

  if (claims.issued_at.has_value()) {
    if (expires_at <= *claims.issued_at) return life;
    life = std::min(life, bounded_life(expires_at - *claims.issued_at));
  }
  // A reply that was kept somewhere on the way carries an old token (docs/upstream.md U-12). Only
  // the upstream's own clock can tell: ours may be wrong.
  if (auto const now = upstream_clock(headers)) {
    life = std::min(life, bounded_life(expires_at - now->time_since_epoch().count()));
  }
  return life;
}

}  // namespace

std::string mint_body(std::string_view app_id, secret const& app_secret, instance_id instance) {
  auto const instance_text = instance.to_string();
  auto body = reserved_for({app_id, app_secret.reveal(), instance_text});
  body += R"({"grant_type":"client_credentials","client_id":)";
  append_json_string(body, app_id);
  body += R"(,"client_secret":)";
  append_json_string(body, app_secret.reveal());
  body += R"(,"instance_id":)";
  append_json_string(body, instance_text);
  body += "}";
  return body;
}

std::string token_info_body(secret const& token) {
  auto body = reserved_for({token.reveal()});
  body += R"({"token":)";
  append_json_string(body, token.reveal());
  body += "}";
  return body;
}

mint_result classify_mint(timed_reply const& reply, instance_id asked, secret const& app_secret) {
  auto const body = parse_object(reply.message.body);
  auto const token = body.has_value() ? string_at(*body, "access_token") : std::string_view{};
  std::array<std::string_view, 2> const hidden{app_secret.reveal(), token};

  if (reply.message.status != 200) {
    return refusal(reply.message, reply.received_wall, body.has_value() ? &*body : nullptr, hidden);
  }
  auto const failed = [&](char const* code, std::string_view reason) {
    return unusable_answer(reply.message, reply.received_wall, code, reason, hidden);
  };
  if (!body.has_value()) return failed("not_json", {});
  if (token.empty()) {
    auto const said = read_error(*body).message;
    return failed("access_token_missing", said.empty() ? "no access_token in the answer" : said);
  }
  if (!is_sendable(token)) {
    return failed("access_token_unusable",
                  "the access_token is too long, or is not printable ASCII");
  }

  auto const claims = decode_token(token).value_or(token_claims{});
  if (claims.instance.has_value() && *claims.instance != asked) {
    return failed("instance_mismatch", "the token is for another instance");
  }

  auto const life = life_in(*body);
  if (!life.has_value()) return failed("expires_in_unusable", "expires_in is not a number");
  auto const expires_at = reply.sent + shortened(life->length, claims, reply.message.headers);
  if (expires_at - reply.received <= life_useless) {
    return failed("life_too_short", "the token ends before it can be used");
  }
  return core::minted{secret{token}, reply.sent, expires_at, life->assumed};
}

info_result classify_token_info(timed_reply const& reply, secret const& token) {
  std::array<std::string_view, 1> const hidden{token.reveal()};
  auto const body = parse_object(reply.message.body);
  auto const status = reply.message.status;

  bool const has_error = body.has_value() && read_error(*body).has_shape;
  if (status == 400 && has_error) return service::token_info{};
  if (status != 200) {
    return refusal(reply.message, reply.received_wall, body.has_value() ? &*body : nullptr, hidden);
  }
  auto const failed = [&](char const* code, std::string_view reason) {
    return unusable_answer(reply.message, reply.received_wall, code, reason, hidden);
  };
  if (!body.has_value()) return failed("not_json", {});

  auto info = parse_token_info(*body, hidden);
  if (!info.has_value() || (has_error && !body->contains("active"))) {
    return failed("token_info_unusable", "the answer does not say whether the token is active");
  }
  return *std::move(info);
}

}  // namespace wixtokend::wix
