#include "api/routes.hpp"

#include "api/handlers.hpp"
#include "api/target.hpp"

#include <algorithm>
#include <array>

namespace wixtokend::api {
namespace {

using enum core::role;

// clang-format off
constexpr std::array<route, 20> table{{
  {"GET",    "/v1/instances",                   manage,    "state limit cursor", &list_instances},
  {"POST",   "/v1/instances",                   register_, "replace results",    &add_instances,
   true},
  {"GET",    "/v1/instances/{id}",              read,      "",                   &show_instance},
  {"PUT",    "/v1/instances/{id}",              register_, "replace",            &add_instance},
  {"DELETE", "/v1/instances/{id}",              manage,    "",                   &remove_instance},
  {"POST",   "/v1/instances/{id}/retry",        manage,    "",                   &retry_instance},
  {"POST",   "/v1/instances/{id}/restore",      manage,    "",                   &restore_instance},
  {"GET",    "/v1/instances/{id}/token",        read,      "min_valid wait",     &get_token},
  {"DELETE", "/v1/instances/{id}/token",        manage,    "",                   &drop_token},
  {"POST",   "/v1/instances/{id}/token/reject", read,      "wait",               &reject_token},
  {"POST",   "/v1/instances/{id}/token-info",   read,      "",                   &show_token_info},
  {"POST",   "/v1/webhooks",                    register_, "",                   &take_webhook},
  {"POST",   "/oauth2/token",                   read,      "*",                  &dropin_token},
  {"POST",   "/oauth2/token-info",              read,      "*",
   &dropin_token_info},
  {"POST",   "/oauth/access",                   read,      "*",                  &dropin_access},
  {"GET",    "/v1/status",                      status,    "",                   &show_status},
  {"GET",    "/healthz",                        status,    "",                   &show_health,
   false, true},
  {"GET",    "/readyz",                         status,    "",                   &show_readiness,
   false, true},
  {"GET",    "/metrics",                        status,    "",                   &show_metrics,
   false, true},
  {"GET",    "/version",                        status,    "",                   &show_version},
}};
// clang-format on

// Matches one path against one pattern; `{id}` takes any segment that is not empty.
bool matches(std::string_view pattern, std::span<std::string const> path,
             std::optional<std::string_view>& instance) noexcept {
  for (auto const& segment : path) {
    if (pattern.empty()) return false;
    pattern.remove_prefix(1);  // the slash
    auto const wanted = pattern.substr(0, pattern.find('/'));
    pattern.remove_prefix(wanted.size());
    if (wanted == "{id}" && !segment.empty()) {
      instance = segment;
    } else if (wanted != segment) {
      return false;
    }
  }
  return pattern.empty();
}

bool takes(route const& call, std::string_view method) noexcept {
  return call.method == method || (method == "HEAD" && call.method == "GET");
}

void add_method(std::string& list, std::string_view method) {
  if (!list.empty()) list += ", ";
  list += method;
  if (method == "GET") list += ", HEAD";
}

}  // namespace

std::span<route const> all_routes() noexcept {
  return table;
}

bool is_of_app(route const& call) noexcept {
  return call.path.starts_with("/v1/instances") || call.path == "/v1/webhooks";
}

checked<route_match> find_route(std::string_view method, std::vector<std::string> const& path) {
  std::optional<std::string_view> app;
  std::span<std::string const> looked_up{path};
  // `/v1/apps/{name}/rest` is `/v1/rest` of that app.
  if (path.size() > 3 && path[0] == "v1" && path[1] == "apps") {
    app = path[2];
    looked_up = looked_up.subspan(3);
  }
  // The upstream's own paths are written with a slash at their end, too (docs/upstream.md U-21).
  bool const upstreams = path.size() == 3 && path[0].starts_with("oauth");
  if (upstreams && path.back().empty()) looked_up = looked_up.first(2);

  std::string allowed;
  for (auto const& call : table) {
    auto pattern = call.path;
    if (app) {
      if (!is_of_app(call)) continue;
      pattern.remove_prefix(std::string_view{"/v1"}.size());
    }
    std::optional<std::string_view> instance;
    if (!matches(pattern, looked_up, instance)) continue;
    if (takes(call, method)) return route_match{&call, app, instance};
    add_method(allowed, call.method);
  }
  if (allowed.empty()) return problem{.what = fault::unknown_path};
  return problem{.what = fault::method_not_allowed, .allow = allowed};
}

bool takes_stream(std::string_view method, std::string_view target) {
  // Most requests are decided by their method alone.
  bool const may = std::any_of(table.begin(), table.end(), [&](route const& call) {
    return call.streams && call.method == method;
  });
  if (!may) return false;
  auto const parsed = parse_target(target);
  if (!parsed.has_value()) return false;
  auto const match = find_route(method, parsed->path);
  return match.has_value() && match->call->streams;
}

}  // namespace wixtokend::api
