#include "api/dispatch.hpp"

#include "api/exchange.hpp"
#include "api/parameters.hpp"
#include "api/request_headers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace wixtokend::api {
namespace {

constexpr auto denial_line_interval = 1s;

checked<app_number> find_app(context const& server, std::string_view name) {
  auto const& apps = server.settings.apps;
  auto const found = std::find_if(apps.begin(), apps.end(),
                                  [&](app_names const& app) { return app.name == name; });
  if (found == apps.end()) return problem{.what = fault::unknown_app};
  return static_cast<app_number>(found - apps.begin());
}

// Finds out which app and instance a path names, and asks the policy at each step: whoever is
// limited to others is not told whether one exists.
checked<> name_resource(exchange& x, route_match const& match) {
  if (match.app) {
    auto const app = find_app(x.server, *match.app);
    if (!app.has_value()) return x.may_miss_apps() ? app.error() : x.denied();
    x.name_app(*app);
  } else if (is_of_app(*match.call)) {
    x.name_app(app_number{});
  }
  if (!x.allowed()) return x.denied();
  if (!match.instance) return {};

  auto const id = instance_id::parse(*match.instance);
  if (!id.has_value()) return problem{.what = fault::invalid_instance_id};
  x.name_instance(*id);
  if (!x.allowed()) return x.denied();
  return {};
}

// Probes are left alone, so that a busy caller does not make its daemon look ill.
std::optional<duration> pause_before(exchange const& x) {
  if (x.call->needed == core::role::status) return std::nullopt;
  auto const rate = x.server.settings.limits.requests_per_second_per_uid;
  return x.server.callers.admit(x.connection.peer(), rate, x.server.time().now());
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
  // Where anybody may connect, the other calls do not exist.
  bool const closed = x.connection.open() && !(match.has_value() && match->call->open);
  if (closed) return problem{.what = fault::unknown_path};
  if (!match.has_value()) return match.error();
  x.call = match->call;
  x.query = std::move(parsed->query);

  if (auto const pause = pause_before(x)) {
    return problem{.what = fault::rate_limited, .retry_after = *pause};
  }
  if (!x.allowed()) return x.denied();
  if (auto const named = name_resource(x, *match); !named.has_value()) return named.error();
  if (x.call->parameters == "*") return {};
  return allow_only(x.query, x.call->parameters);
}

std::string choose_request_id(context& server, http::request const& request) {
  auto const given = request.headers.find("X-Request-Id");
  return given && is_request_id(*given) ? std::string{*given} : server.ids.next();
}

void log_answer(exchange const& x, http::response const& answer) {
  if (!x.server.log.enabled(observe::log_level::debug)) return;
  x.server.log.debug("request",
                     {{"method", x.request.method},
                      {"path", std::string{x.call == nullptr ? "-" : x.call->path}},
                      {"instance", x.names_instance() ? x.key.instance.to_string() : "-"},
                      {"status", std::to_string(answer.status)},
                      {"uid", std::to_string(x.connection.uid())},
                      {"pid", std::to_string(x.connection.pid())},
                      {"socket", x.connection.socket_name()},
                      {"request_id", x.request_id}});
}

}  // namespace

void exchange::name_app(app_number app) noexcept {
  key_.app = app;
  named_ = extent::app;
}

void exchange::name_instance(instance_id const& instance) noexcept {
  assert(named_ != extent::daemon);
  key_.instance = instance;
  named_ = extent::instance;
}

bool exchange::allowed(core::role needed) const {
  auto const& granted = connection.granted();
  switch (named_) {
    case extent::daemon: return granted.allows(needed);
    case extent::app: return granted.allows(needed, key.app);
    case extent::instance: return granted.allows(needed, key);
  }
  return false;
}

bool exchange::allowed(core::role needed, instance_id const& instance) const {
  assert(named_ == extent::app);
  return connection.granted().allows(needed, instance_key{key.app, instance});
}

bool exchange::may_miss_apps() const {
  return connection.granted().names_all_apps(call->needed);
}

problem exchange::denied() {
  return refuse(names_instance() ? std::optional{key.instance} : std::nullopt);
}

problem exchange::denied(instance_id const& instance) {
  return refuse(instance);
}

// At most a line a second: whoever is denied must not be able to flood the log.
problem exchange::refuse(std::optional<instance_id> const& instance) {
  ++server.counted.denied;
  problem refused{.what = fault::access_denied};
  auto const now = server.time().now();
  if (now < server.next_denial_line) return refused;
  server.next_denial_line = now + denial_line_interval;
  server.log.warning("access_denied",
                     {{"method", request.method},
                      {"path", std::string{call->path}},
                      {"app", named_ == extent::daemon ? "-" : std::string{app_name()}},
                      {"instance", instance ? instance->to_string() : "-"},
                      {"uid", std::to_string(connection.uid())},
                      {"pid", std::to_string(connection.pid())},
                      {"socket", connection.socket_name()},
                      {"request_id", request_id},
                      {"denied_so_far", std::to_string(server.counted.denied)}});
  return refused;
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
  server.answered.count(x.call, answer.status);
  log_answer(x, answer);
  co_return answer;
}

}  // namespace wixtokend::api
