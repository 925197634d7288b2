#include "api/exchange.hpp"
#include "api/handlers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
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
    reasons.emplace_back("Wix refuses the id or secret of app " + app);
  }
  auto const needed = server.settings.ready_fraction * static_cast<double>(now.kept_warm);
  if (static_cast<double>(now.usable) < needed) {
    reasons.emplace_back(std::to_string(now.usable) + " of " + std::to_string(now.kept_warm) +
                         " instances that are kept warm have a usable token");
  }
  return reasons;
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

  json::array apps;
  for (auto const& app : x.server.settings.apps) {
    json::object one;
    one["name"] = app.name;
    one["refused"] =
        std::find(now.refused.begin(), now.refused.end(), app.name) != now.refused.end();
    apps.push_back(std::move(one));
  }
  json::object instances;
  instances["kept_warm"] = now.kept_warm;
  instances["usable"] = now.usable;

  json::object body;
  body["version"] = x.server.settings.version;
  body["uptime_seconds"] = up.count();
  body["ready"] = reasons_not_ready(x.server, now).empty();
  body["apps"] = std::move(apps);
  body["instances"] = std::move(instances);
  body["connections"] = x.server.connections;
  body["connections_refused"] = x.server.counted.connections_refused;
  body["requests"] = x.server.counted.requests;
  body["requests_denied"] = x.server.counted.denied;
  co_return json_answer(200, json::serialize(body));
}

}  // namespace wixtokend::api
