#include "emulator/protected_routes.hpp"

#include "emulator/replies.hpp"

#include <boost/json.hpp>

#include <string>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

json::object app_instance(claims const& token) {
  json::object const instance{{"instanceId", token.instance.to_string()},
                              {"appName", "emulated app"},
                              {"appVersion", "1.0.0"},
                              {"isFree", true},
                              {"permissions", json::array{"OWNER"}}};
  json::object const site{{"siteId", site_of(token.instance)},
                          {"siteDisplayName", "emulated site"},
                          {"ownerInfo", {{"userId", owner_of(token.instance)}}}};
  return {{"instance", instance}, {"site", site}};
}

json::object echo(call const& asked, claims const& token) {
  return {{"method", asked.message.method},           {"path", path_of(asked.message.target)},
          {"bodySize", asked.message.body.size()},    {"appId", token.app_id},
          {"instanceId", token.instance.to_string()}, {"siteId", site_of(token.instance)}};
}

}  // namespace

http::response answer_protected(upstream_state const& state, call const& asked) {
  if (!asked.presented.has_value() || !state.is_live(*asked.presented, asked.now)) {
    return wix_error(401, "UNAUTHENTICATED");
  }
  auto const& method = asked.message.method;
  bool const whole = asked.where == route::instance && (method == "GET" || method == "HEAD");
  auto const body = whole ? app_instance(*asked.presented) : echo(asked, *asked.presented);
  return json_reply(200, json::serialize(body));
}

}  // namespace wixtokend::emulator
