#include "api/exchange.hpp"
#include "api/handlers.hpp"
#include "api/readiness.hpp"
#include "api/status_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

// Null without an audit log.
json::value audit_json(context const& server) {
  if (server.settings.audit == nullptr) return nullptr;
  auto const now = server.settings.audit->state();
  json::object out;
  out["recorded"] = now.recorded;
  out["lost"] = now.lost;
  out["refused"] = now.refused;
  out["failure"] = now.failure ? json::value(now.failure.message()) : json::value(nullptr);
  return out;
}

// Null until the configuration has been reloaded, or that was refused.
json::value reload_json(context const& server) {
  if (!server.reloaded) return nullptr;
  json::object out;
  out["at"] =
      std::chrono::floor<std::chrono::seconds>(server.reloaded_at).time_since_epoch().count();
  out["good"] = server.reloaded->good;
  out["reason"] = server.reloaded->reason;
  return out;
}

std::string apps_json(context const& server, std::vector<core::app_survey> const& surveyed,
                      instant now) {
  std::string out = "[";
  auto const& apps = server.settings.apps;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    if (i > 0) out += ',';
    auto const number = static_cast<app_number>(i);
    app_status const app{apps[i].name, server.service.app(number), surveyed.at(i),
                         server.service.figures(number).last_failures};
    out += app_status_json(app, now);
  }
  return out + ']';
}

}  // namespace

task<http::response> show_health(exchange&) {
  co_return json_answer(200, R"({"status":"ok"})");  // the loop turns, or nobody would answer
}

task<http::response> show_readiness(exchange& x) {
  auto const now = x.server.service.readiness_now();
  auto const reasons = reasons_not_ready(x.server, now);
  bool const ready = reasons.empty();
  json::object body;
  body["ready"] = ready;
  body["reasons"] = json::array(reasons.begin(), reasons.end());
  body["kept_warm"] = now.kept_warm;
  body["usable"] = now.usable;
  co_return json_answer(ready ? 200 : 503, json::serialize(body));
}

task<http::response> show_version(exchange& x) {
  json::object body;
  body["name"] = "wixtokend";
  body["version"] = x.server.settings.version;
  co_return json_answer(200, json::serialize(body));
}

task<http::response> show_status(exchange& x) {
  auto looking = x.server.surveys.look();
  auto const surveyed = co_await x.connection.while_connected(std::move(looking));
  if (!surveyed) co_return to_answer({.what = fault::wait_ended});  // the peer has left
  auto const at = x.now();
  auto const now = x.server.service.readiness_now();
  auto const up = std::chrono::floor<std::chrono::seconds>(at.now - x.server.started_at);

  json::object instances;
  instances["kept_warm"] = now.kept_warm;
  instances["usable"] = now.usable;

  json::object body;
  body["version"] = x.server.settings.version;
  body["uptime_seconds"] = up.count();
  body["ready"] = reasons_not_ready(x.server, now).empty();
  body["instances"] = std::move(instances);
  body["connections"] = x.server.connections;
  body["connections_refused"] = x.server.counted.connections_refused;
  body["requests"] = x.server.counted.requests;
  body["requests_denied"] = x.server.counted.denied;
  body["reload"] = reload_json(x.server);
  body["audit"] = audit_json(x.server);
  auto text = json::serialize(body);
  text.back() = ',';  // in place of the brace that ends the object
  text.append("\"apps\":").append(apps_json(x.server, *surveyed, at.now)).append("}");
  co_return json_answer(200, std::move(text));
}

}  // namespace wixtokend::api
