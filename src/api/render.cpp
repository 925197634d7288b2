#include "api/render.hpp"

#include "api/request_headers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

constexpr std::size_t token_body_rest_max = 320;  // all of a token answer but the token itself

// Appends a JSON string. A token is header-safe text, so nothing but quotes and backslashes needs
// an escape; control characters are escaped all the same.
void append_quoted(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out.push_back('"');
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte < 0x20) {
      out.append("\\u00").push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xfU]);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

// How much room `append_quoted` needs at the most for such a text.
std::size_t quoted_size_max(std::string_view text) noexcept {
  auto const plain = std::count_if(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  });
  auto const odd = text.size() - static_cast<std::size_t>(plain);
  return text.size() + odd * 5 + 2;
}

void append_number(std::string& out, std::string_view name, std::int64_t value) {
  out.append(",\"").append(name).append("\":").append(std::to_string(value));
}

char const* to_text(service::cache_outcome how) noexcept {
  switch (how) {
    using enum service::cache_outcome;
    case hit: return "HIT";
    case miss: return "MISS";
    case coalesced: return "COALESCED";
    case stale: return "STALE";
  }
  return "MISS";
}

char const* to_text(service::code_outcome outcome) noexcept {
  switch (outcome) {
    using enum service::code_outcome;
    case pending: return "pending";
    case exchanged: return "exchanged";
    case refused: return "refused";
    case expired: return "expired";
    case superseded: return "superseded";
  }
  return "";
}

json::value date_or_null(std::optional<instant> const& when, moment const& at) {
  if (!when || *when == never) return nullptr;
  return at.unix_seconds(*when);
}

template <class T>
json::value value_or_null(std::optional<T> const& value) {
  if (!value) return nullptr;
  return json::value(*value);
}

json::object failure_object(core::failure const& failed) {
  json::object said;
  said["class"] = core::to_string(failed.kind);
  said["status"] = failed.status;
  said["code"] = failed.code;
  said["message"] = failed.message;
  said["request_id"] = failed.request_id;
  return said;
}

json::value last_error_json(core::instance_view const& seen, moment const& at) {
  if (!seen.last_failure) return nullptr;
  auto said = failure_object(*seen.last_failure);
  said["at"] = date_or_null(seen.last_failure_at, at);
  return said;
}

json::array codes_json(std::vector<service::code_view> const& codes, moment const& at) {
  json::array shown;
  for (auto const& code : codes) {
    json::object one;
    one["outcome"] = to_text(code.outcome);
    one["deadline_at"] = date_or_null(code.deadline, at);
    one["why"] = code.why ? json::value(failure_object(*code.why)) : json::value(nullptr);
    shown.push_back(std::move(one));
  }
  return shown;
}

json::object view_object(shown_instance const& shown, std::string_view app, moment const& at) {
  auto const& seen = shown.seen;
  json::object view;
  view["instance_id"] = seen.key.instance.to_string();
  view["app"] = app;
  view["state"] = core::to_string(seen.state);
  view["grant"] = core::to_string(seen.grant);
  view["registered"] = seen.registered;
  view["durable"] = seen.durable;
  view["generation"] = seen.generation;
  view["minted_at"] = date_or_null(seen.minted_at, at);
  view["expires_at"] = date_or_null(seen.usable_until, at);
  view["upstream_expires_at"] = date_or_null(seen.expires_at, at);
  view["life_assumed"] = seen.life_assumed;
  view["rejected"] = seen.rejected;
  view["last_used_at"] = date_or_null(seen.last_used, at);
  view["next_attempt_at"] = date_or_null(seen.next_attempt_at, at);
  view["next_attempt_reason"] = core::to_string(seen.scheduled);
  view["failures_in_row"] = seen.failures_in_row;
  view["waiters"] = seen.waiters;
  view["last_error"] = last_error_json(seen, at);
  view["codes"] = codes_json(shown.codes, at);
  view["removal_announced_at"] = date_or_null(seen.removal_announced, at);
  return view;
}

}  // namespace

std::int64_t moment::unix_seconds(instant when) const noexcept {
  auto const since_epoch = wall.time_since_epoch() + (when - now);
  return std::chrono::floor<std::chrono::seconds>(since_epoch).count();
}

std::int64_t moment::seconds_until(instant when) const noexcept {
  if (when <= now) return 0;
  return std::chrono::floor<std::chrono::seconds>(when - now).count();
}

http::response json_answer(unsigned status, std::string body) {
  http::response answer;
  answer.status = status;
  answer.headers.add("Content-Type", "application/json");
  answer.headers.add("Cache-Control", "no-store");
  answer.body = std::move(body);
  return answer;
}

service::cache_outcome shown_outcome(core::token_view const& token,
                                     service::cache_outcome how) noexcept {
  return token.stale ? service::cache_outcome::stale : how;
}

void add_token_headers(http::response& answer, core::token_view const& token,
                       service::cache_outcome how) {
  answer.headers.add("Cache-Control", "no-store");
  answer.headers.add("ETag", entity_tag(token.generation));
  answer.headers.add("X-Cache", to_text(shown_outcome(token, how)));
}

std::string token_json(core::token_view const& token, instance_id instance, moment const& at) {
  auto const text = token.token->reveal();
  std::string out;
  out.reserve(quoted_size_max(text) + token_body_rest_max);
  out.append("{\"access_token\":");
  append_quoted(out, text);
  out.append(",\"token_type\":\"Bearer\"");
  append_number(out, "expires_in", at.seconds_until(token.usable_until));
  append_number(out, "expires_at", at.unix_seconds(token.usable_until));
  append_number(out, "upstream_expires_at", at.unix_seconds(token.expires_at));
  if (token.refresh_at == never) {
    out.append(",\"refresh_at\":null");
  } else {
    append_number(out, "refresh_at", at.unix_seconds(token.refresh_at));
  }
  out.append(",\"instance_id\":\"").append(instance.to_string()).append("\"");
  append_number(out, "generation", static_cast<std::int64_t>(token.generation));
  out.push_back('}');
  return out;
}

std::string dropin_access_json(core::token_view const& token, secret const& refresh_token) {
  auto const text = token.token->reveal();
  auto const sent = refresh_token.reveal();
  std::string out;
  out.reserve(quoted_size_max(text) + quoted_size_max(sent) + token_body_rest_max);
  out.append("{\"refresh_token\":");
  append_quoted(out, sent);
  out.append(",\"access_token\":");
  append_quoted(out, text);
  out.push_back('}');
  return out;
}

std::string dropin_token_json(core::token_view const& token, duration expires_in_max,
                              moment const& at) {
  auto const text = token.token->reveal();
  auto const most = std::chrono::floor<std::chrono::seconds>(expires_in_max).count();
  std::string out;
  out.reserve(quoted_size_max(text) + token_body_rest_max);
  out.append("{\"access_token\":");
  append_quoted(out, text);
  out.append(",\"token_type\":\"Bearer\"");
  append_number(out, "expires_in", std::min(at.seconds_until(token.usable_until), most));
  out.push_back('}');
  return out;
}

std::string view_json(shown_instance const& shown, std::string_view app, moment const& at) {
  return json::serialize(view_object(shown, app, at));
}

std::string page_json(std::vector<shown_instance> const& page, std::optional<std::uint64_t> next,
                      std::string_view app, moment const& at) {
  json::array instances;
  instances.reserve(page.size());
  for (auto const& one : page) instances.push_back(view_object(one, app, at));
  json::object body;
  body["instances"] = std::move(instances);
  body["next_cursor"] = next ? json::value(std::to_string(*next)) : json::value(nullptr);
  return json::serialize(body);
}

std::string token_info_json(service::token_info const& info) {
  json::object body;
  body["active"] = info.active;
  body["subject_type"] = info.subject_type;
  body["subject_id"] = info.subject_id;
  body["expires_at"] = value_or_null(info.expires_at);
  body["issued_at"] = value_or_null(info.issued_at);
  body["client_id"] = info.client_id;
  body["account_id"] = value_or_null(info.account_id);
  body["site_id"] = value_or_null(info.site_id);
  body["instance_id"] = value_or_null(info.instance);
  body["vendor_product_id"] = value_or_null(info.vendor_product_id);
  return json::serialize(body);
}

std::optional<core::instance_state> parse_state(std::string_view text) noexcept {
  using enum core::instance_state;
  for (auto const state : {cold, warm, stale, blocked, app_refused, idle}) {
    if (text == core::to_string(state)) return state;
  }
  return std::nullopt;
}

}  // namespace wixtokend::api
