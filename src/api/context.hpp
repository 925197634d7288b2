#pragma once
// What all connections of the local API share.

#include "api/caller_limits.hpp"
#include "api/request_figures.hpp"
#include "api/request_ids.hpp"
#include "base/time.hpp"
#include "core/access.hpp"
#include "http/codec.hpp"
#include "observe/audit_record.hpp"
#include "observe/histogram.hpp"
#include "observe/log.hpp"
#include "service/ports.hpp"
#include "service/recent_survey.hpp"
#include "service/registrar.hpp"
#include "service/token_info_cache.hpp"
#include "service/token_service.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::api {

using namespace std::chrono_literals;

/// One app as callers name it.
struct app_names {
  std::string name;                                     ///< in paths: `/v1/apps/{name}/…`
  std::string app_id;                                   ///< the `client_id` of the drop-in
  service::webhook_verifier const* webhooks = nullptr;  ///< none: webhooks are not configured
};

/// Bounds on what callers may use up.
struct server_limits {
  http::limits message;                       ///< head 16 KiB, body 64 KiB
  std::size_t connections_max = 1024;         ///< in all
  std::size_t connections_per_uid_max = 256;  ///< of one user
  std::size_t waiters_per_uid_max = 1024;     ///< requests held for a token, of a user on a socket
  double requests_per_second_per_uid = 0;     ///< of a user on a socket; 0: as many as come
  duration head_time_max = 5s;   ///< from the first byte of a request to its head's end
  duration body_time_max = 10s;  ///< from there to its end; of bulk bodies, between two pieces
  duration idle_time_max = 60s;  ///< between requests, and for one write
  duration wait_default = 5s;    ///< for a token, of callers who name no wait
  duration wait_max = 60s;       ///< the longest wait that a caller may name
};

/// What an operator decides about the API.
struct api_settings {
  std::vector<app_names> apps;  ///< by app number, at least one; the first is the default app
  std::string version;          ///< of the daemon
  duration dropin_expires_in_max = 300s;
  double ready_fraction = 0.9;  ///< of the kept-warm instances must be usable to be ready
  server_limits limits{};
  observe::audit_trail* audit = nullptr;  ///< where hand-outs are recorded; none: nowhere
  std::uint64_t request_id_seed = 0;      ///< a random number, so that ids of two runs differ
};

/// How the last reload of the configuration ended.
struct reload_outcome {
  bool good = true;
  std::string reason;  ///< why it was refused; empty if it was not
};

/// What has happened since the start.
struct api_counters {
  std::uint64_t requests = 0;
  std::uint64_t denied = 0;               ///< answered with 403
  std::uint64_t connections_refused = 0;  ///< over a limit
};

/// Everything that a handler may need besides its own request. Belongs to the loop's thread.
struct context {
  service::token_service& service;
  service::registrar& registrar;
  core::access_policy const& policy;  ///< the one in force: a reload assigns to it
  observe::logger& log;
  api_settings settings;
  service::token_info_cache infos{service};
  service::recent_survey surveys{service};
  request_ids ids{0};
  instant started_at{};
  wall_time started_wall{};
  api_counters counted{};
  request_figures answered{};
  std::vector<service::cache_counts> lookups{};          ///< of tokens for callers, by app
  observe::histogram loop_lag{observe::latency_bounds};  ///< in seconds
  caller_limits callers{};
  instant next_denial_line{};  ///< no `access_denied` is logged before
  std::size_t connections = 0;
  std::size_t bulk_requests = 0;             ///< under way
  std::optional<reload_outcome> reloaded{};  ///< none: not since the start
  wall_time reloaded_at{};
  bool draining = false;  ///< about to stop: not ready, though still serving

  [[nodiscard]] time_source& time() const noexcept { return service.time(); }
};

}  // namespace wixtokend::api
