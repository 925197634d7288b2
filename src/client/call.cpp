#include "wixtoken/detail/call.hpp"

#include "client/problems.hpp"

#include <algorithm>
#include <optional>

namespace wixtoken::detail {
namespace {

using milliseconds = std::chrono::milliseconds;

target of(options const& settings, std::string_view instance) {
  target where{settings};
  where.segment(instance);
  return where;
}

// A token is printable ASCII; whatever else is in it, it stays one JSON string.
secret token_body(secret const& refused) {
  constexpr std::string_view head = "{\"access_token\":\"";
  std::string body;
  body.reserve(head.size() + 2 * refused.size() + 2);
  body = head;
  for (char const c : refused.reveal()) {
    if (c == '"' || c == '\\') body += '\\';
    body += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  body += "\"}";
  return secret::take(std::move(body));
}

std::optional<error> wrong(std::string_view instance) {
  if (!instance.empty()) return std::nullopt;
  return invalid_argument("the instance id is empty");
}

result<call> on_instance(char const* method, options const& settings, std::string_view instance,
                         std::string_view below = {}) {
  if (auto why = wrong(instance)) return *std::move(why);
  auto where = of(settings, instance);
  if (!below.empty()) where.segment(below);
  call out{method, where.take()};
  out.repeatable = out.method == "GET";
  return out;
}

result<call> report(options const& settings, std::string_view instance, secret body,
                    milliseconds wait) {
  if (auto why = wrong(instance)) return *std::move(why);
  auto where = of(settings, instance);
  where.segment("token").segment("reject").parameter("wait", wait);
  return call{"POST", where.take(), {}, std::move(body)};
}

}  // namespace

request_bytes::request_bytes(call const& what) {
  std::string head = what.method + " " + what.target +
                     " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: wixtoken-client\r\n" +
                     what.headers;
  auto const body = what.body.reveal();
  if (!body.empty()) head += "Content-Type: application/json\r\n";
  if (what.method == "POST" || what.method == "PUT" || !body.empty()) {
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  head += "\r\n";
  text_.reserve(head.size() + body.size());  // once, so that no copy of a secret stays behind
  text_.append(head).append(body);
}

target::target(options const& settings) : text_{"/v1"} {
  if (!settings.app.empty()) {
    segment("apps");
    segment(settings.app);
  }
  segment("instances");
}

target& target::segment(std::string_view text) {
  text_ += '/';
  append_encoded(text);
  return *this;
}

target& target::parameter(std::string_view name, std::string_view value) {
  text_ += has_query_ ? '&' : '?';
  has_query_ = true;
  text_.append(name).append("=");
  append_encoded(value);
  return *this;
}

target& target::parameter(std::string_view name, std::chrono::milliseconds length) {
  auto const milliseconds = std::max<std::int64_t>(length.count(), 0);
  auto const rest = std::to_string(milliseconds % 1000);
  return parameter(
      name, std::to_string(milliseconds / 1000) + "." + std::string(3 - rest.size(), '0') + rest);
}

void target::append_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.";
  // A segment that is all dots would be taken for a step in the tree.
  bool const dots = text.find_first_not_of('.') == text.npos;
  for (char const c : text) {
    if (plain.find(c) != plain.npos && !(dots && c == '.')) {
      text_ += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    text_ += '%';
    text_ += digits[byte >> 4U];
    text_ += digits[byte & 0xfU];
  }
}

result<call> report_call(options const& settings, std::string_view instance,
                         std::uint64_t generation, milliseconds wait) {
  return report(settings, instance, secret{"{\"generation\":" + std::to_string(generation) + "}"},
                wait);
}

result<call> report_call(options const& settings, std::string_view instance, secret const& refused,
                         milliseconds wait) {
  if (refused.empty()) return invalid_argument("the refused token is empty");
  return report(settings, instance, token_body(refused), wait);
}

result<call> drop_call(options const& settings, std::string_view instance) {
  return on_instance("DELETE", settings, instance, "token");
}

result<call> view_call(options const& settings, std::string_view instance) {
  return on_instance("GET", settings, instance);
}

result<call> list_call(options const& settings, list_request const& which) {
  target where{settings};
  if (!which.state.empty()) where.parameter("state", which.state);
  if (which.limit != 0) where.parameter("limit", std::to_string(which.limit));
  if (!which.cursor.empty()) where.parameter("cursor", which.cursor);
  return call{"GET", where.take()};
}

result<call> add_call(options const& settings, std::string_view instance, registration const& how) {
  if (auto why = wrong(instance)) return *std::move(why);
  auto where = of(settings, instance);
  if (how.replace()) where.parameter("replace", "true");
  return call{"PUT", where.take(), {}, how.body()};
}

result<call> add_many_call(options const& settings, secret lines, bool replace) {
  target where{settings};
  if (replace) where.parameter("replace", "true");
  call out{"POST", where.take(), {}, std::move(lines)};
  out.repeatable = false;
  return out;
}

result<call> remove_call(options const& settings, std::string_view instance) {
  return on_instance("DELETE", settings, instance);
}

result<call> restore_call(options const& settings, std::string_view instance) {
  return on_instance("POST", settings, instance, "restore");
}

result<call> retry_call(options const& settings, std::string_view instance) {
  return on_instance("POST", settings, instance, "retry");
}

result<call> plain_call(std::string_view path) {
  return call{"GET", std::string{path}};
}

}  // namespace wixtoken::detail
