#include "api/dispatch.hpp"

#include "api/exchange.hpp"
#include "api/parameters.hpp"
#include "api/request_headers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::api {
namespace {

checked<app_number> find_app(context const& server, std::string_view name) {
  auto const& apps = server.settings.apps;
  auto const found = std::find_if(apps.begin(), apps.end(),
                                  [&](app_names const& app) { return app.name == name; });
  if (found == apps.end()) return problem{.what = fault::unknown_app};
  return static_cast<app_number>(found - apps.begin());
}

// Fills the exchange, or finds out why there is none.
checked<> prepare(exchange& x) {
  if (auto const header = forwarding_header(x.request.headers)) {
    return problem{.what = fault::forwarded_request,
                   .description = "The request has the header " + std::string{*header} +
                                  ": it came through a proxy or from a browser."};
  }
  auto parsed = parse_target(x.request.target);
  if (!parsed.has_value()) return problem{.what = fault::invalid_target};

  auto const match = find_route(x.request.method, parsed->path);
  if (!match.has_value()) return match.error();
  x.call = match->call;
  x.query = std::move(parsed->query);

  if (!x.allowed()) return x.denied();

  if (x.call->parameters != "*") {
    auto const known = allow_only(x.query, x.call->parameters);
    if (!known.has_value()) return known.error();
  }
  if (match->app) {
    auto const app = find_app(x.server, *match->app);
    if (!app.has_value()) return app.error();
    x.key.app = *app;
  }
  if (match->instance) {
    auto const id = instance_id::parse(*match->instance);
    if (!id.has_value()) return problem{.what = fault::invalid_instance_id};
    x.key.instance = *id;
  }
  return {};
}

std::string choose_request_id(context& server, http::request const& request) {
  auto const given = request.headers.find("X-Request-Id");
  return given && is_request_id(*given) ? std::string{*given} : server.ids.next();
}

void log_answer(exchange const& x, http::response const& answer) {
  if (!x.server.log.enabled(observe::log_level::debug)) return;
  bool const named = x.key.instance != instance_id{};
  x.server.log.debug("request", {{"method", x.request.method},
                                 {"path", std::string{x.call == nullptr ? "-" : x.call->path}},
                                 {"instance", named ? x.key.instance.to_string() : "-"},
                                 {"status", std::to_string(answer.status)},
                                 {"uid", std::to_string(x.connection.uid())},
                                 {"pid", std::to_string(x.connection.pid())},
                                 {"socket", x.connection.socket_name()},
                                 {"request_id", x.request_id}});
}

}  // namespace

problem exchange::denied() {
  ++server.counted.denied;
  server.log.warning("access_denied", {{"method", request.method},
                                       {"path", std::string{call->path}},
                                       {"uid", std::to_string(connection.uid())},
                                       {"pid", std::to_string(connection.pid())},
                                       {"socket", connection.socket_name()},
                                       {"request_id", request_id}});
  return {.what = fault::access_denied};
}

task<http::response> respond(context& server, session& connection, http::request& request) {
  ++server.counted.requests;
  exchange x{server, connection, request, choose_request_id(server, request)};
  http::response answer;
  if (auto const ready = prepare(x); !ready.has_value()) {
    answer = to_answer(ready.error());
  } else {
    answer = co_await x.call->answer(x);
  }
  answer.headers.add("X-Request-Id", x.request_id);
  log_answer(x, answer);
  co_return answer;
}

}  // namespace wixtokend::api
