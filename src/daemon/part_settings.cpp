#include "daemon/part_settings.hpp"

#include "daemon/version.hpp"
#include "net/peer.hpp"

#include <unistd.h>

#include <chrono>
#include <cstddef>

namespace wixtokend::daemon {

std::vector<core::app_policy> policies_of(std::vector<app_settings> const& apps) {
  std::vector<core::app_policy> out;
  out.reserve(apps.size());
  for (auto const& app : apps) out.push_back(app.policy);
  return out;
}

core::engine_policy engine_policy_of(configuration const& settings) {
  core::engine_policy out;
  out.instances_max = settings.limits.max_instances;
  return out;
}

std::vector<service::app_binding> bindings_of(std::vector<app_settings> const& apps,
                                              std::vector<upstream> const& upstreams) {
  std::vector<service::app_binding> out;
  for (std::size_t i = 0; i < apps.size(); ++i) {
    out.push_back({apps[i].name, upstreams[i].calls.get(), apps[i].fallback_to_client_credentials});
  }
  return out;
}

wix::webhook_verifier verifier_of(app_settings const& app) {
  auto const leeway = std::chrono::floor<std::chrono::seconds>(app.webhook_exp_leeway);
  return wix::webhook_verifier{{app.app_id, app.webhook_key, app.webhook_require_exp, leeway}};
}

std::vector<wix::webhook_verifier> verifiers_of(std::vector<app_settings> const& apps) {
  std::vector<wix::webhook_verifier> out;
  for (auto const& app : apps) out.push_back(verifier_of(app));
  return out;
}

api::api_settings api_settings_of(configuration const& settings,
                                  std::vector<wix::webhook_verifier> const& verifiers,
                                  std::uint64_t seed) {
  api::api_settings out;
  for (std::size_t i = 0; i < settings.apps.size(); ++i) {
    auto const& app = settings.apps[i];
    out.apps.push_back({app.name, app.app_id, &verifiers[i]});
  }
  out.version = version();
  out.request_id_seed = seed;
  out.dropin_expires_in_max = settings.api.dropin_max_expires_in;
  out.ready_fraction = settings.api.ready_fraction;
  out.limits.connections_max = settings.limits.connections;
  out.limits.connections_per_uid_max = settings.limits.connections_per_uid;
  out.limits.waiters_per_uid_max = settings.limits.waiters_per_uid;
  out.limits.requests_per_second_per_uid = settings.limits.requests_per_second_per_uid;
  out.limits.head_time_max = settings.limits.header_timeout;
  out.limits.body_time_max = settings.limits.body_timeout;
  out.limits.idle_time_max = settings.limits.idle_timeout;
  out.limits.wait_default = settings.limits.wait_default;
  out.limits.wait_max = settings.limits.wait_max;
  return out;
}

core::access_policy policy_of(configuration const& settings) {
  auto const of_kernel = net::read_overflow_ids();
  if (settings.access.empty()) {
    return core::access_policy::own_user_and_root(::geteuid(), of_kernel.uid);
  }
  std::vector<core::access_rule> rules;
  rules.reserve(settings.access.size());
  for (auto const& one : settings.access) rules.push_back(one.rule);
  core::overflow_ids const overflow{of_kernel.uid, of_kernel.gid};
  return {std::move(rules), overflow};
}

}  // namespace wixtokend::daemon
