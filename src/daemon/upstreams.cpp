#include "daemon/upstreams.hpp"

#include "daemon/startup_error.hpp"

#include <optional>
#include <utility>

namespace wixtokend::daemon {

trust_by_file load_trust(std::vector<app_settings> const& apps) {
  trust_by_file out;
  for (auto const& app : apps) {
    if (!app.server.tls || out.contains(app.ca_file)) continue;
    std::optional<std::string> file;
    if (!app.ca_file.empty()) file = app.ca_file;
    auto context = net::tls_client_context::create(file);
    if (!context.has_value()) {
      auto const what = file ? "ca_file " + *file + ": " + context.error().message()
                             : "the system's certificates: " + context.error().message() +
                                   ": install ca-certificates, or name a ca_file";
      throw startup_error{exit_code::configuration, "app " + app.name + ": " + what};
    }
    out.emplace(app.ca_file, *std::move(context));
  }
  return out;
}

std::vector<upstream> make_upstreams(event_loop& loop, time_source& time,
                                     std::vector<app_settings> const& apps, trust_by_file& trust,
                                     observe::logger& log) {
  std::vector<upstream> out;
  for (auto const& app : apps) {
    net::http_client_options options;
    options.connections_max = app.policy.in_flight_max;
    options.proxy = app.proxy_server;
    auto* const trusted = app.server.tls ? trust.at(app.ca_file).get() : nullptr;
    auto connections = net::http_client::create(loop, time, app.server, trusted, options);
    wix::app_credentials credentials{app.app_id, app.app_secret.copy(), app.legacy_token_lifetime};
    auto calls =
        std::make_unique<wix::client>(time, *connections, app.server, std::move(credentials), log);
    out.push_back({std::move(connections), std::move(calls)});
  }
  return out;
}

}  // namespace wixtokend::daemon
