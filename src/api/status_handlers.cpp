#include "api/exchange.hpp"
#include "api/handlers.hpp"
#include "api/status_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

// Why the daemon should not be sent work; empty: it is ready. An outage alone is no reason while
// enough instances have a usable token.
json::array reasons_not_ready(context const& server, service::token_service::readiness const& now) {
  json::array reasons;
  if (server.draining) reasons.emplace_back("the daemon is about to stop");
  for (auto const& app : now.refused) {
    reasons.emplace_back(app.suspected
                             ? "app " + app.name +
                                   " is suspected to be refused by Wix: many of its instances were "
                                   "refused in a row"
                             : "Wix refuses the id or secret of app " + app.name);
  }
  if (auto const why = server.registrar.store_failure()) {
    reasons.emplace_back("the store cannot be written: " + why.message());
  }
  auto const needed = server.settings.ready_fraction * static_cast<double>(now.kept_warm);
  if (static_cast<double>(now.usable) < needed) {
    reasons.emplace_back(std::to_string(now.usable) + " of " + std::to_string(now.kept_warm) +
                         " instances that are kept warm have a usable token");
  }
  return reasons;
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

std::string apps_json(context const& server, instant now) {
  std::string out = "[";
  auto const& apps = server.settings.apps;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    if (i > 0) out += ',';
    out += app_status_json(apps[i].name, server.service.app(static_cast<app_number>(i)), now);
  }
  return out + ']';
}

}  // namespace

task<http::response> show_health(exchange&) {
  co_return json_answer(200, R"({"status":"ok"})");  // the loop turns, or nobody would answer
}

task<http::response> show_readiness(exchange& x) {
  auto const now = x.server.service.readiness_now();
  auto reasons = reasons_not_ready(x.server, now);
  bool const ready = reasons.empty();
  json::object body;
  body["ready"] = ready;
  body["reasons"] = std::move(reasons);
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
  auto text = json::serialize(body);
  text.back() = ',';  // in place of the brace that ends the object
  text.append("\"apps\":").append(apps_json(x.server, at.now)).append("}");
  co_return json_answer(200, std::move(text));
}

}  // namespace wixtokend::api
