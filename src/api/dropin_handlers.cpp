// The upstream's own calls, answered in its place: existing clients of it know what to do with them
// (docs/upstream.md U-1, U-3, U-4, U-98 to U-105).

#include "api/dropin_answers.hpp"
#include "api/handlers.hpp"
#include "api/request_bodies.hpp"
#include "api/request_headers.hpp"
#include "api/token_exchange.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace wixtokend::api {
namespace {

bool is_form(std::string_view content_type) noexcept {
  auto const type = content_type.substr(0, content_type.find(';'));
  return equal_ignoring_case(type.substr(0, type.find_last_not_of(" \t") + 1),
                             "application/x-www-form-urlencoded");
}

// What is asked for. The body, which holds secrets, is wiped.
checked<dropin_request> read_request(exchange& x) {
  auto asked = read_dropin_request(x.request.body, is_form(x.header("Content-Type")));
  wipe(x.request.body);
  if (asked.has_value() && !asked->client_id) {
    asked->client_id = basic_user(x.header("Authorization"));
  }
  return asked;
}

http::response invalid_request(std::string_view description) {
  return oauth_error(400, "invalid_request", description);
}

http::response unknown_client(exchange const& x) {
  auto answer = oauth_error(401, "invalid_client", "no app with this client_id is configured here");
  if (!x.header("Authorization").empty()) {  // RFC 6749 section 5.2
    answer.headers.add("WWW-Authenticate", R"(Basic realm="wixtokend", error="invalid_client")");
  }
  return answer;
}

// Every answer names a request: the upstream's where it has refused something, else ours.
http::response named(exchange const& x, http::response answer) {
  if (!answer.headers.contains("x-wix-request-id")) {
    answer.headers.add("x-wix-request-id", x.request_id);
  }
  return answer;
}

http::response problem_answer(exchange const& x, problem const& why, dropin_call call) {
  return named(x, dropin_problem(why, call));
}

// What both token calls look at first; the answer, if it is not there.
std::optional<http::response> look_at_grant(checked<dropin_request> const& asked,
                                            std::string_view served, std::string_view hint) {
  if (!asked.has_value()) return invalid_request(asked.error().description);
  if (!asked->grant_type) return invalid_request("grant_type is missing");
  if (*asked->grant_type == served) return std::nullopt;
  return oauth_error(400, "unsupported_grant_type", hint);
}

// Names the app that is meant; the answer, if that cannot be.
std::optional<http::response> identify_app(exchange& x, dropin_request const& asked) {
  if (!asked.client_id) return invalid_request("client_id is missing");
  auto const& apps = x.server.settings.apps;
  auto const app = std::find_if(apps.begin(), apps.end(), [&](app_names const& one) {
    return equal_ignoring_case(one.app_id, *asked.client_id);
  });
  if (app == apps.end()) return x.may_miss_apps() ? unknown_client(x) : to_answer(x.denied());
  x.name_app(static_cast<app_number>(app - apps.begin()));
  if (!x.allowed()) return to_answer(x.denied());
  return std::nullopt;
}

// Names the instance as well.
std::optional<http::response> identify(exchange& x) {
  auto const asked = read_request(x);
  if (auto wrong = look_at_grant(asked, "client_credentials",
                                 "only client_credentials is served here; refresh tokens of custom "
                                 "authentication are at POST /oauth/access")) {
    return wrong;
  }
  if (auto unclear = identify_app(x, *asked)) return unclear;
  if (!asked->instance_id) return invalid_request("instance_id is missing");
  auto const instance = instance_id::parse(*asked->instance_id);
  if (!instance.has_value()) return not_a_guid("instance_id");

  x.name_instance(*instance);
  if (!x.allowed()) return to_answer(x.denied());
  return std::nullopt;
}

constexpr std::string_view no_codes =
    "authorization codes are not exchanged here: register the code with PUT "
    "/v1/instances/{instance_id} {\"grant\":\"authorization_code\",\"code\":\"...\"}";
constexpr std::string_view only_refresh = "only refresh_token is served here";

// Names the instance that has the refresh token. That there is one that the caller is not granted
// is not told apart from that there is none.
std::optional<http::response> identify_holder(exchange& x, checked<dropin_request> const& asked) {
  bool const code = asked.has_value() && asked->grant_type == "authorization_code";
  if (auto wrong = look_at_grant(asked, "refresh_token", code ? no_codes : only_refresh)) {
    return wrong;
  }
  if (auto unclear = identify_app(x, *asked)) return unclear;
  if (!asked->refresh_token) return invalid_request("refresh_token is missing");
  for (auto const& holder : x.server.registrar.holders_of(x.key.app, *asked->refresh_token)) {
    x.name_instance(holder.instance);
    if (x.allowed()) return std::nullopt;
    static_cast<void>(x.denied());
  }
  return bad_refresh_token();
}

token_demand default_demand(exchange const& x) {
  token_demand demand;
  demand.wait = x.server.settings.limits.wait_default;
  return demand;
}

http::response token_answer(exchange const& x, token_offer const& offer, std::string body) {
  http::response answer;
  offer.add_headers(answer);
  answer.headers.add("Content-Type", "application/json");
  answer.headers.add("Pragma", "no-cache");  // RFC 6749 section 5.1
  answer.body = std::move(body);
  return named(x, std::move(answer));
}

}  // namespace

task<http::response> dropin_token(exchange& x) {
  if (auto unclear = identify(x)) co_return named(x, *std::move(unclear));

  auto const demand = default_demand(x);
  auto const offer = co_await obtain_token(x, demand);
  if (!offer.has_value()) co_return problem_answer(x, offer.error(), dropin_call::token);
  auto const given = hand_out(x, *offer);
  if (!given.has_value()) co_return problem_answer(x, given.error(), dropin_call::token);
  auto const cap = x.server.settings.dropin_expires_in_max;
  co_return token_answer(x, *offer, dropin_token_json(*given, cap, x.now()));
}

task<http::response> dropin_access(exchange& x) {
  auto const asked = read_request(x);
  if (auto unclear = identify_holder(x, asked)) co_return named(x, *std::move(unclear));

  auto const demand = default_demand(x);
  auto const offer = co_await obtain_token(x, demand);
  if (!offer.has_value()) co_return problem_answer(x, offer.error(), dropin_call::access);
  auto const given = hand_out(x, *offer);
  if (!given.has_value()) co_return problem_answer(x, given.error(), dropin_call::access);
  co_return token_answer(x, *offer, dropin_access_json(*given, *asked->refresh_token));
}

// A token that is not one of ours, or not for this caller, is not told apart from one that has
// ended, and the upstream is not asked: this is no way to it for foreign tokens.
task<http::response> dropin_token_info(exchange& x) {
  auto const asked = read_request(x);
  if (!asked.has_value()) co_return named(x, invalid_request(asked.error().description));
  if (!asked->token) co_return named(x, invalid_request("token is missing"));
  auto const owner = x.server.service.owner_of(*asked->token);
  if (!owner) co_return named(x, inactive_token_answer());
  x.name_app(owner->key.app);
  x.name_instance(owner->key.instance);
  if (!x.allowed()) {
    static_cast<void>(x.denied());
    co_return named(x, inactive_token_answer());
  }

  auto asking = x.server.infos.ask(owner->key, owner->generation, x.connection.uid());
  auto const said = co_await x.connection.while_connected(std::move(asking));
  if (!said) co_return http::response{};  // the peer has left
  if (!*said || !x.allowed()) co_return named(x, inactive_token_answer());
  auto const& outcome = **said;
  if (auto const* const failed = std::get_if<core::failure>(&outcome)) {
    co_return problem_answer(x, to_problem(*failed), dropin_call::token_info);
  }
  if (auto const* const refused = std::get_if<core::refusal>(&outcome)) {
    co_return problem_answer(x, to_problem(*refused), dropin_call::token_info);
  }
  co_return named(x, token_info_answer(std::get<service::token_info>(outcome)));
}

}  // namespace wixtokend::api
