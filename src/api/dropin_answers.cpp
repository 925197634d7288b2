#include "api/dropin_answers.hpp"

#include "api/render.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <optional>
#include <string>
#include <utility>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

http::response error_answer(unsigned status, json::object body, std::string_view code,
                            std::string_view description) {
  body["error"] = code;
  body["error_description"] = description;
  return json_answer(status, json::serialize(body));
}

// The upstream's own shape; without a code `details` is empty.
http::response wix_error(unsigned status, std::string_view message, std::string_view code,
                         std::string_view oauth_code) {
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
  return error_answer(status, std::move(body), oauth_code, message);
}

// The upstream's shape with `/oauth/access`.
http::response legacy_error(unsigned status, std::string_view code, std::string_view description) {
  json::object body;
  body["errorDescription"] = description;
  return error_answer(status, std::move(body), code, description);
}

// A refused instance, with what the upstream said of it.
http::response blocked_answer(problem const& why, dropin_call call) {
  auto const answer = call == dropin_call::access ? legacy_error : oauth_error;
  if (!why.upstream) return answer(400, "invalid_grant", "Wix refuses this instance.");
  auto const& said = *why.upstream;
  bool const told = said.status >= 400 && said.status < 500;
  std::string_view const code = said.code.empty() ? "invalid_grant" : std::string_view{said.code};
  return answer(told ? said.status : 400, code, said.message);
}

http::response shaped(problem const& why, dropin_call call) {
  auto const& known = entry_of(why.what);
  constexpr std::string_view later = "temporarily_unavailable";  // RFC 6749 section 4.1.2.1
  switch (why.what) {
    case fault::app_refused: return oauth_error(401, "invalid_client", known.description);
    case fault::instance_blocked: return blocked_answer(why, call);
    case fault::unknown_instance:
    case fault::unknown_upstream: return wix_error(404, known.description, "", "invalid_grant");
    case fault::limit_reached:
      return wix_error(429, known.description, "RESOURCE_EXHAUSTED", later);
    case fault::unavailable:
    case fault::audit_failed:
    case fault::stopping:
    case fault::wait_ended: return wix_error(known.status, known.description, "UNAVAILABLE", later);
    default: return to_answer(why);  // its fields are those of RFC 6749, and more
  }
}

void add_known(json::object& to, std::string_view name, std::optional<std::string> const& value) {
  if (value) to[name] = *value;
}

// The upstream writes them as strings (U-33).
void add_date(json::object& to, std::string_view name, std::optional<std::int64_t> seconds) {
  if (seconds) to[name] = std::to_string(*seconds);
}

}  // namespace

http::response oauth_error(unsigned status, std::string_view code, std::string_view description) {
  return error_answer(status, {}, code, description);
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
  auto const message = std::string{field} + " is not a valid GUID";
  json::object body;
  body["message"] = message;
  body["details"] = std::move(details);
  return error_answer(400, std::move(body), "invalid_request", message);
}

http::response bad_refresh_token() {
  return legacy_error(400, "invalid_grant",
                      "no instance of this app is registered here with this refresh token - "
                      "invalid_token");
}

http::response dropin_problem(problem const& why, dropin_call call) {
  auto answer = shaped(why, call);
  auto const pause = retry_seconds(why);
  if (pause && !answer.headers.contains("Retry-After")) {
    answer.headers.add("Retry-After", std::to_string(*pause));
  }
  if (why.upstream && !why.upstream->request_id.empty()) {
    answer.headers.add("x-wix-request-id", why.upstream->request_id);
  }
  return answer;
}

http::response token_info_answer(service::token_info const& info) {
  json::object body;
  body["active"] = info.active;
  body["subjectType"] = info.subject_type.empty() ? "UNKNOWN" : info.subject_type;
  body["subjectId"] = info.subject_id;
  add_date(body, "exp", info.expires_at);
  add_date(body, "iat", info.issued_at);
  body["clientId"] = info.client_id;
  add_known(body, "accountId", info.account_id);
  add_known(body, "siteId", info.site_id);
  add_known(body, "instanceId", info.instance);
  add_known(body, "vendorProductId", info.vendor_product_id);
  return json_answer(200, json::serialize(body));
}

http::response inactive_token_answer() {
  return token_info_answer({});
}

}  // namespace wixtokend::api
