#include "emulator/call.hpp"

#include "base/text.hpp"

#include <utility>

namespace wixtokend::emulator {
namespace {

constexpr bool is_oauth(route where) {
  return where == route::token || where == route::access || where == route::token_info;
}

// The token of `Authorization: <token>` or `Authorization: Bearer <token>` (docs/upstream.md U-42).
std::string_view bearer_token(http::request const& message) {
  constexpr std::string_view scheme = "Bearer ";
  auto value = message.headers.find("authorization").value_or("");
  if (equal_ignoring_case(value.substr(0, scheme.size()), scheme)) {
    value.remove_prefix(scheme.size());
  }
  return value;
}

std::string_view shown_token(route where, http::request const& message, oauth_request const& body) {
  if (!is_oauth(where)) return bearer_token(message);
  if (where == route::token_info) return body.token;
  return body.grant_type == "authorization_code" ? body.code : body.refresh_token;
}

result<oauth_request> body_of(route where, http::request const& message) {
  if (!is_oauth(where)) return oauth_request{};
  return parse_oauth_request(message.headers.find("content-type").value_or(""), message.body);
}

}  // namespace

call understand(upstream_state const& state, http::request const& message, wall_time now) {
  auto const where = route_of(path_of(message.target));
  call seen{where, message, now, body_of(where, message), {}, {}, {}, {}, {}};
  if (!seen.body.has_value()) return seen;

  auto const& fields = *seen.body;
  auto const shown = shown_token(where, message, fields);
  if (!shown.empty()) seen.presented = state.mint.read(shown);

  seen.app_id = fields.client_id;
  auto const app_guid = instance_id::parse(fields.client_id);
  if (app_guid.has_value()) seen.app_id = app_guid->to_string();
  auto const instance = instance_id::parse(fields.instance_id);
  if (instance.has_value()) seen.instance = *instance;
  if (seen.presented.has_value()) {
    if (seen.app_id.empty()) seen.app_id = seen.presented->app_id;
    if (!seen.instance.has_value()) seen.instance = seen.presented->instance;
  }
  seen.app = state.app_named(seen.app_id);
  return seen;
}

}  // namespace wixtokend::emulator
