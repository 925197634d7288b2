#include "api/handlers.hpp"
#include "api/request_bodies.hpp"
#include "api/token_exchange.hpp"
#include "base/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

// The upstream's own answers (docs/upstream.md U-44, U-98 to U-103), given in its place: existing
// clients of it know what to do with them.

namespace wixtokend::api {
namespace {

namespace json = boost::json;

// The shape of RFC 6749 section 5.2.
http::response oauth_error(unsigned status, std::string_view code, std::string_view description) {
  json::object body;
  body["error"] = code;
  body["error_description"] = description;
  return json_answer(status, json::serialize(body));
}

// The upstream's own shape; without a code `details` is empty.
http::response wix_error(unsigned status, std::string_view message, std::string_view code) {
  json::object details;
  if (!code.empty()) {
    json::object error;
    error["code"] = code;
    error["description"] = message;
    error["data"] = json::object{};
    details["applicationError"] = std::move(error);
  }
  json::object body;
  body["message"] = message;
  body["details"] = std::move(details);
  return json_answer(status, json::serialize(body));
}

http::response not_a_guid(std::string_view field) {
  json::object violation;
  violation["field"] = field;
  violation["description"] = "not a valid GUID";
  violation["violatedRule"] = "FORMAT";
  json::array violations;
  violations.push_back(std::move(violation));
  json::object validation;
  validation["fieldViolations"] = std::move(violations);
  json::object details;
  details["validationError"] = std::move(validation);
  json::object body;
  body["message"] = std::string{field} + " is not a valid GUID";
  body["details"] = std::move(details);
  return json_answer(400, json::serialize(body));
}

// A refused instance, with what the upstream said of it.
http::response blocked_answer(problem const& why) {
  if (!why.upstream) return oauth_error(400, "invalid_grant", "Wix refuses this instance.");
  auto const& said = *why.upstream;
  bool const told = said.status >= 400 && said.status < 500;
  return oauth_error(told ? said.status : 400, said.code.empty() ? "invalid_grant" : said.code,
                     said.message);
}

http::response shaped(problem const& why) {
  auto const& known = entry_of(why.what);
  switch (why.what) {
    case fault::app_refused: return oauth_error(401, "invalid_client", known.description);
    case fault::instance_blocked: return blocked_answer(why);
    case fault::unknown_instance:
    case fault::unknown_upstream: return wix_error(404, known.description, "");
    case fault::limit_reached: return wix_error(429, known.description, "RESOURCE_EXHAUSTED");
    case fault::unavailable:
    case fault::stopping:
    case fault::wait_ended: return wix_error(known.status, known.description, "UNAVAILABLE");
    default: return to_answer(why);  // its fields are those of RFC 6749, and more
  }
}

http::response problem_answer(exchange const& x, problem const& why) {
  auto answer = shaped(why);
  auto const pause = retry_seconds(why);
  if (pause && !answer.headers.contains("Retry-After")) {
    answer.headers.add("Retry-After", std::to_string(*pause));
  }
  bool const named = why.upstream && !why.upstream->request_id.empty();
  answer.headers.add("x-wix-request-id", named ? why.upstream->request_id : x.request_id);
  return answer;
}

bool is_form(std::string_view content_type) noexcept {
  auto const type = content_type.substr(0, content_type.find(';'));
  return equal_ignoring_case(type.substr(0, type.find_last_not_of(" \t") + 1),
                             "application/x-www-form-urlencoded");
}

// Which instance of which app is meant; the answer, if that cannot be said.
std::optional<http::response> identify(exchange& x) {
  auto const asked = read_dropin_request(x.request.body, is_form(x.header("Content-Type")));
  if (!asked.has_value()) return oauth_error(400, "invalid_request", asked.error().description);
  if (!asked->grant_type) return oauth_error(400, "invalid_request", "grant_type is missing");
  if (*asked->grant_type != "client_credentials") {
    return oauth_error(400, "unsupported_grant_type", "only client_credentials is served here");
  }
  if (!asked->client_id) return oauth_error(400, "invalid_request", "client_id is missing");
  auto const& apps = x.server.settings.apps;
  auto const app = std::find_if(apps.begin(), apps.end(), [&](app_names const& one) {
    return equal_ignoring_case(one.app_id, *asked->client_id);
  });
  if (app == apps.end()) {
    return oauth_error(401, "invalid_client", "no app with this client_id is configured here");
  }
  if (!asked->instance_id) return oauth_error(400, "invalid_request", "instance_id is missing");
  auto const instance = instance_id::parse(*asked->instance_id);
  if (!instance.has_value()) return not_a_guid("instance_id");

  x.key.app = static_cast<app_number>(app - apps.begin());
  x.key.instance = *instance;
  return std::nullopt;
}

}  // namespace

task<http::response> dropin_token(exchange& x) {
  if (auto unclear = identify(x)) {
    unclear->headers.add("x-wix-request-id", x.request_id);
    co_return *std::move(unclear);
  }
  if (!x.allowed()) co_return to_answer(x.denied());

  token_demand demand;
  demand.wait = x.server.settings.limits.wait_default;
  auto const offer = co_await obtain_token(x, demand);
  if (!offer.has_value()) co_return problem_answer(x, offer.error());

  http::response answer;
  add_token_headers(answer, offer->token, offer->how);
  answer.headers.add("Content-Type", "application/json");
  answer.headers.add("Pragma", "no-cache");  // RFC 6749 section 5.1
  answer.headers.add("x-wix-request-id", x.request_id);
  auto const cap = x.server.settings.dropin_expires_in_max;
  answer.body = dropin_token_json(offer->token, cap, x.now());
  co_return answer;
}

}  // namespace wixtokend::api
