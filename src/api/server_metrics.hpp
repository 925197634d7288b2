#pragma once
// What the metrics say of the daemon as a whole.

#include "api/context.hpp"
#include "observe/exposition.hpp"

namespace wixtokend::api {

/// Writes all families that are not about one app. docs/metrics.md describes them.
/// @param ready  What `/readyz` says.
void write_server_metrics(observe::exposition& out, context const& server, bool ready);

}  // namespace wixtokend::api
