#pragma once
// `wixtokend healthcheck`: asks a running daemon how it is, for container probes.

#include "daemon/command_line.hpp"

#include <string>

namespace wixtokend::daemon {

/// What came of it.
struct health {
  bool good = false;
  std::string text;  ///< the answer's body, or why there is none; one line or more
};

/// Asks `/healthz` or `/readyz` through the socket; good is an answer with status 200 within the
/// time allowed. Runs an event loop of its own until then.
[[nodiscard]] health check_health(healthcheck_action const& what);

}  // namespace wixtokend::daemon
