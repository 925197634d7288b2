#pragma once
// How the daemon and its apps do.

#include "wixtoken/instance.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wixtoken {

/// How many instances are in which state.
struct state_counts {
  std::uint64_t cold = 0;
  std::uint64_t warm = 0;
  std::uint64_t stale = 0;
  std::uint64_t blocked = 0;
  std::uint64_t app_refused = 0;
  std::uint64_t idle = 0;
};

/// How many seconds until tokens lapse if Wix stays down from now on. 0: no token is usable; unset:
/// no instance is kept warm.
struct outage_budget {
  std::optional<std::int64_t> first;  ///< until the first one lapses
  std::optional<std::int64_t> p5;     ///< until a twentieth has
  std::optional<std::int64_t> p50;    ///< until half have
};

/// An instance's latest failure.
struct recent_error {
  std::string instance_id;
  instance_failure what;
};

/// How an app does; the members are explained in docs/api.md. What an older daemon does not tell is
/// unset.
struct app_status {
  std::string name;
  std::uint64_t instances = 0;
  std::uint64_t kept_warm = 0;
  std::uint64_t usable = 0;
  double demand = 0;   ///< mints per second
  double ceiling = 0;  ///< requests per second
  double rate = 0;
  double background_rate = 0;
  bool overloaded = false;
  std::string breaker;  ///< `closed`, `open`, `half_open`
  std::int64_t paused_seconds = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t waiting = 0;
  bool refused = false;
  bool suspected = false;
  std::optional<instance_failure> refusal;
  std::optional<state_counts> by_state;
  std::optional<std::uint64_t> overdue;  ///< instances whose refresh is late
  std::optional<outage_budget> budget;
  std::vector<recent_error> last_errors;  ///< the newest first, few
};

/// What came of the last reload of the configuration.
struct reload_status {
  std::int64_t at = 0;
  bool good = false;
  std::string reason;
};

/// How the daemon does.
struct daemon_status {
  std::string version;
  std::int64_t uptime_seconds = 0;
  bool ready = false;
  std::uint64_t kept_warm = 0;  ///< of all apps
  std::uint64_t usable = 0;
  std::uint64_t connections = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t requests = 0;
  std::uint64_t requests_denied = 0;
  std::optional<reload_status> reload;
  std::vector<app_status> apps;
  std::string json;  ///< all of it as the daemon wrote it
};

/// Whether the daemon should be sent work, and if not, why.
struct readiness {
  bool ready = false;
  std::vector<std::string> reasons;
  std::uint64_t kept_warm = 0;
  std::uint64_t usable = 0;
};

}  // namespace wixtoken
