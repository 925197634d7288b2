#pragma once
// What each part is given of a configuration, at start and at a reload.

#include "api/context.hpp"
#include "core/access.hpp"
#include "core/policy.hpp"
#include "daemon/config.hpp"
#include "daemon/upstreams.hpp"
#include "service/token_service.hpp"
#include "wix/webhook.hpp"

#include <cstdint>
#include <vector>

namespace wixtokend::daemon {

[[nodiscard]] core::engine_policy engine_policy_of(configuration const& settings);
[[nodiscard]] std::vector<core::app_policy> policies_of(std::vector<app_settings> const& apps);

/// Refers to the upstreams.
[[nodiscard]] std::vector<service::app_binding> bindings_of(std::vector<app_settings> const& apps,
                                                            std::vector<upstream> const& upstreams);

[[nodiscard]] wix::webhook_verifier verifier_of(app_settings const& app);
[[nodiscard]] std::vector<wix::webhook_verifier> verifiers_of(
    std::vector<app_settings> const& apps);

/// Refers to the verifiers.
[[nodiscard]] api::api_settings api_settings_of(configuration const& settings,
                                                std::vector<wix::webhook_verifier> const& verifiers,
                                                std::uint64_t seed);

/// Who may do what.
[[nodiscard]] core::access_policy policy_of(configuration const& settings);

}  // namespace wixtokend::daemon
