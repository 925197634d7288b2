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
#include <cassert>
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

std::optional<stated_life> life_in(json::object const& body, duration assumed) noexcept {
  auto const* const expires_in = body.if_contains("expires_in");
  if (expires_in == nullptr || expires_in->is_null()) {
    return stated_life{std::min<duration>(assumed, life_max), true};
  }

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

// Why an answer is of no use.
struct flaw {
  char const* code;
  std::string_view reason;
};

std::optional<flaw> flaw_of_access_token(json::object const& body) noexcept {
  auto const token = string_at(body, "access_token");
  if (token.empty()) {
    auto const said = read_error(body).message;
    return flaw{"access_token_missing", said.empty() ? "no access_token in the answer" : said};
  }
  if (is_sendable(token)) return std::nullopt;
  return flaw{"access_token_unusable", "the access_token is too long, or is not printable ASCII"};
}

// A code is spent for good by its exchange: if no refresh token came of it, nothing has.
std::optional<flaw> flaw_of_refresh_token(json::object const& body, core::grant how) noexcept {
  if (how == core::grant::client_credentials) return std::nullopt;
  auto const* const found = body.if_contains("refresh_token");
  auto const* const token = found == nullptr ? nullptr : found->if_string();
  if (found == nullptr || found->is_null() || (token != nullptr && token->empty())) {
    if (how != core::grant::authorization_code) return std::nullopt;
    return flaw{"refresh_token_missing", "no refresh_token in the answer"};
  }
  if (token != nullptr && is_sendable({token->data(), token->size()})) return std::nullopt;
  return flaw{"refresh_token_unusable", "the refresh_token is too long, or is not printable ASCII"};
}

bool names_another(token_claims const& claims, instance_id asked) noexcept {
  return claims.instance.has_value() && *claims.instance != asked;
}

bool is_legacy(core::grant how) noexcept {
  return how == core::grant::refresh_token || how == core::grant::authorization_code;
}

// What of a request depends on its grant.
struct grant_fields {
  std::string_view grant_type;
  std::string_view credential_name;
};

grant_fields fields_of(core::grant how) noexcept {
  switch (how) {
    case core::grant::client_credentials: return {"client_credentials", "instance_id"};
    case core::grant::refresh_token: return {"refresh_token", "refresh_token"};
    case core::grant::authorization_code: return {"authorization_code", "code"};
    case core::grant::none: break;
  }
  assert(false && "there is nothing to mint with");
  return {};
}

}  // namespace

std::string_view mint_path(core::grant how) noexcept {
  return is_legacy(how) ? access_path : token_path;
}

std::string mint_body(std::string_view app_id, secret const& app_secret,
                      service::mint_request const& asked) {
  auto const fields = fields_of(asked.how);
  auto const instance_text = asked.instance.to_string();
  auto const credential =
      is_legacy(asked.how) ? asked.credential.reveal() : std::string_view{instance_text};

  auto body = reserved_for({app_id, app_secret.reveal(), credential});
  body += R"({"grant_type":)";
  append_json_string(body, fields.grant_type);
  body += R"(,"client_id":)";
  append_json_string(body, app_id);
  body += R"(,"client_secret":)";
  append_json_string(body, app_secret.reveal());
  body += ",";
  append_json_string(body, fields.credential_name);
  body += ":";
  append_json_string(body, credential);
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

mint_result classify_mint(timed_reply const& reply, service::mint_request const& asked,
                          secret const& app_secret, duration legacy_life) {
  auto const body = parse_object(reply.message.body);
  auto const text_at = [&](std::string_view key) {
    return body.has_value() ? string_at(*body, key) : std::string_view{};
  };
  auto const token = text_at("access_token");
  auto const refresh_token = text_at("refresh_token");
  std::array<std::string_view, 4> const hidden{app_secret.reveal(), asked.credential.reveal(),
                                               token, refresh_token};

  if (reply.message.status != 200) {
    return refusal(reply.message, reply.received_wall, body.has_value() ? &*body : nullptr, hidden);
  }
  bool const legacy = is_legacy(asked.how);
  auto const claims_of_refresh =
      legacy ? decode_token(refresh_token).value_or(token_claims{}) : token_claims{};
  // A code is good for once: its refresh token is kept, whatever the access token is worth.
  bool const worth_keeping = asked.how == core::grant::authorization_code && body.has_value() &&
                             !flaw_of_refresh_token(*body, asked.how).has_value() &&
                             !names_another(claims_of_refresh, asked.instance);
  auto const failed = [&](char const* code, std::string_view reason) -> mint_result {
    if (worth_keeping) {
      return core::minted{secret{}, reply.sent, reply.sent, true, secret{refresh_token}};
    }
    return unusable_answer(reply.message, reply.received_wall, code, reason, hidden);
  };
  if (!body.has_value()) return failed("not_json", {});
  auto found = flaw_of_access_token(*body);
  if (!found.has_value()) found = flaw_of_refresh_token(*body, asked.how);
  if (found.has_value()) return failed(found->code, found->reason);

  auto const claims = decode_token(token).value_or(token_claims{});
  if (names_another(claims, asked.instance) || names_another(claims_of_refresh, asked.instance)) {
    return unusable_answer(reply.message, reply.received_wall, "instance_mismatch",
                           "the token is for another instance", hidden);
  }

  auto const life = life_in(*body, legacy ? legacy_life : duration{life_assumed});
  if (!life.has_value()) return failed("expires_in_unusable", "expires_in is not a number");
  auto const expires_at = reply.sent + shortened(life->length, claims, reply.message.headers);
  if (expires_at - reply.received <= life_useless) {
    return failed("life_too_short", "the token ends before it can be used");
  }
  return core::minted{secret{token}, reply.sent, expires_at, life->assumed,
                      secret{legacy ? refresh_token : std::string_view{}}};
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
