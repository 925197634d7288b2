#pragma once
// Whether the daemon should be sent work.

#include "api/context.hpp"
#include "service/token_service.hpp"

#include <string>
#include <vector>

namespace wixtokend::api {

/// Why it should not; empty: it is ready. An outage alone is no reason while enough instances have
/// a usable token.
[[nodiscard]] std::vector<std::string> reasons_not_ready(
    context const& server, service::token_service::readiness const& now);

}  // namespace wixtokend::api
