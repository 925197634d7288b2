#include "emulator/oauth_routes.hpp"

#include "emulator/replies.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::emulator {
namespace {

using std::chrono::seconds;

http::response invalid_request(std::string_view description) {
  return rfc_error(400, "invalid_request", description);
}

http::response unsupported_grant() {
  return rfc_error(400, "unsupported_grant_type", "this grant is not played here");
}

http::response not_a_post() {
  auto reply = wix_error(405, "only POST is allowed");
  reply.headers.add("allow", "POST");
  return reply;
}

http::response not_a_guid(std::string_view field, std::string_view message) {
  return validation_error(400, field, message);
}

// The text was seen with this call (docs/upstream.md U-48, U-102).
http::response app_is_no_guid() {
  return not_a_guid("appId", "appRuntimeKeys [at index 0] is invalid: appId is not a valid GUID");
}

http::response bad_token() {
  return legacy_error(400,
                      "[business][FATAL][unknown exception] the emulator says - invalid_token");
}

http::response no_installation(settings const& knobs) {
  if (knobs.removed_instance_status == 404) {
    return wix_error(404, "app not found in any meta-site");
  }
  return rfc_error(knobs.removed_instance_status, "invalid_grant", "the app is not installed");
}

// What every grant with an app secret checks first; empty if all is well.
std::optional<http::response> refusal_of_client(upstream_state const& state, call const& asked) {
  auto const& fields = *asked.body;
  if (fields.client_id.empty() || fields.client_secret.empty()) {
    return invalid_request("client_id and client_secret are needed");
  }
  if (!instance_id::parse(fields.client_id).has_value()) return app_is_no_guid();
  if (!asked.app.has_value() || !(state.at(*asked.app).key == fields.client_secret)) {
    return rfc_error(state.knobs.bad_secret_status, "invalid_client",
                     "unknown app, or not its secret");
  }
  return std::nullopt;
}

http::response token_reply(minted const& token, std::string_view refresh_token = {}) {
  std::string body;
  body.reserve(token.token.size() + refresh_token.size() + 96);
  body.append(R"({"access_token":")").append(token.token);
  body.append(R"(","token_type":"Bearer","expires_in":)")
      .append(std::to_string(token.life.count()));
  if (!refresh_token.empty()) {
    body.append(R"(,"refresh_token":")").append(refresh_token).append("\"");
  }
  return json_reply(200, std::move(body.append("}")));
}

http::response client_credentials(upstream_state& state, call const& asked) {
  auto refused = refusal_of_client(state, asked);
  if (refused.has_value()) return *std::move(refused);
  auto const& given = asked.body->instance_id;
  if (given.empty()) return invalid_request("instance_id is needed");
  auto const instance = instance_id::parse(given);
  if (!instance.has_value()) return not_a_guid("instanceId", "instanceId is not a valid GUID");

  instance_key const key{*asked.app, *instance};
  if (!state.installations.installed(key, state.knobs.instances_listed_only)) {
    return no_installation(state.knobs);
  }
  return token_reply(state.mint_access(token_kind::access, key, asked.now, asked.change));
}

// Visitors of a headless client: enough for a program that asks for them not to fail (U-13).
http::response anonymous(upstream_state& state, call const& asked) {
  auto const client = instance_id::parse(asked.body->client_id);
  if (!client.has_value()) return app_is_no_guid();
  if (!asked.app.has_value()) return rfc_error(400, "invalid_client", "unknown client");

  instance_key const visitor{*asked.app, another_instance(*client)};
  auto const token = state.mint_access(token_kind::visitor, visitor, asked.now, asked.change);
  return token_reply(token, state.make_refresh_token(visitor, asked.now));
}

http::response refresh_visitor(upstream_state& state, call const& asked) {
  auto const& shown = asked.presented;
  auto const app = shown.has_value() ? state.app_named(shown->app_id) : std::nullopt;
  if (!app.has_value() || shown->kind != token_kind::refresh) {
    return rfc_error(400, "invalid_grant", "the refresh token is not known");
  }
  instance_key const visitor{*app, shown->instance};
  auto const token = state.mint_access(token_kind::visitor, visitor, asked.now, asked.change);
  return token_reply(token, asked.body->refresh_token);
}

// Both legacy grants end alike: a token of five minutes whose life the reply does not tell (U-25),
// and the refresh token, which does not rotate (U-26) unless a knob says so (U-116).
http::response legacy_reply(upstream_state& state, call const& asked, instance_key const& key,
                            std::string_view refresh_token) {
  auto const token = state.mint_access(token_kind::legacy_access, key, asked.now, asked.change);
  std::string body = R"({"access_token":")" + token.token + R"(","refresh_token":")";
  return json_reply(200, std::move(body.append(refresh_token).append("\"}")));
}

bool is_of(call const& asked, token_kind kind) {
  return asked.presented.has_value() && asked.presented->kind == kind &&
         asked.presented->app_id == asked.app_id;
}

http::response exchange_code(upstream_state& state, call const& asked) {
  if (asked.body->code.empty()) return invalid_request("code is needed");
  if (!is_of(asked, token_kind::code)) return bad_token();
  instance_key const key{*asked.app, asked.presented->instance};
  if (!state.codes.redeem(asked.presented->serial, asked.now)) return bad_token();
  if (!state.installations.installed(key, state.knobs.instances_listed_only)) return bad_token();
  return legacy_reply(state, asked, key, state.replace_refresh_token(key, asked.now));
}

http::response refresh(upstream_state& state, call const& asked) {
  if (asked.body->refresh_token.empty()) return invalid_request("refresh_token is needed");
  if (!is_of(asked, token_kind::refresh)) return bad_token();
  instance_key const key{*asked.app, asked.presented->instance};
  if (!state.installations.installed(key, state.knobs.instances_listed_only)) return bad_token();
  if (!state.is_current_refresh(key, asked.presented->serial)) return bad_token();
  return legacy_reply(state, asked, key,
                      state.knobs.rotate_refresh_tokens
                          ? state.replace_refresh_token(key, asked.now)
                          : asked.body->refresh_token);
}

// Numbers and booleans are quoted or not, as the knob says (U-33).
std::string active_token_info(claims const& token, info_types types) {
  bool const numbers = types == info_types::native;
  auto const time = [&](wall_time when) {
    auto const text = std::to_string(std::chrono::floor<seconds>(when.time_since_epoch()).count());
    return numbers ? text : "\"" + text + "\"";
  };
  bool const visitor = token.kind == token_kind::visitor;
  std::string body = R"({"active":)";
  body += types == info_types::strings ? R"("true")" : "true";
  body += R"(,"subjectType":")" + std::string{visitor ? "VISITOR" : "APP"};
  body += R"(","subjectId":")" + (visitor ? token.instance.to_string() : token.app_id);
  body += R"(","exp":)" + time(token.expires()) + R"(,"iat":)" + time(token.issued);
  body += R"(,"clientId":")" + token.app_id + R"(","siteId":")" + site_of(token.instance);
  return body + R"(","instanceId":")" + token.instance.to_string() + R"("})";
}

}  // namespace

http::response answer_token(upstream_state& state, call const& asked) {
  if (asked.message.method != "POST") return not_a_post();
  if (!asked.body.has_value()) return invalid_request("the body is neither JSON nor a form");
  auto const& grant = asked.body->grant_type;
  if (grant.empty()) return invalid_request("grant_type is needed");
  if (grant == "client_credentials") return client_credentials(state, asked);
  if (grant == "anonymous") return anonymous(state, asked);
  if (grant == "refresh_token") return refresh_visitor(state, asked);
  return unsupported_grant();
}

http::response answer_access(upstream_state& state, call const& asked) {
  if (asked.message.method != "POST") return not_a_post();
  if (!asked.body.has_value()) return invalid_request("the body is neither JSON nor a form");
  auto const& grant = asked.body->grant_type;
  if (grant.empty()) return invalid_request("grant_type is needed");
  if (grant != "authorization_code" && grant != "refresh_token") return unsupported_grant();

  auto refused = refusal_of_client(state, asked);
  if (refused.has_value()) return *std::move(refused);
  return grant == "refresh_token" ? refresh(state, asked) : exchange_code(state, asked);
}

http::response answer_token_info(upstream_state& state, call const& asked) {
  if (asked.message.method != "POST") return not_a_post();
  if (!asked.body.has_value()) return invalid_request("the body is neither JSON nor a form");
  if (asked.body->token.empty()) return invalid_request("token is needed");
  if (asked.presented.has_value() && state.is_live(*asked.presented, asked.now)) {
    return json_reply(200, active_token_info(*asked.presented, state.knobs.token_info_types));
  }
  if (state.knobs.inactive_token_status != 200) {
    return validation_error(state.knobs.inactive_token_status, "token", "the token is not valid");
  }
  bool const strings = state.knobs.token_info_types == info_types::strings;
  return json_reply(200, std::string{R"({"active":)"} + (strings ? R"("false")" : "false") +
                             R"(,"subjectType":"UNKNOWN","subjectId":"","clientId":""})");
}

}  // namespace wixtokend::emulator
