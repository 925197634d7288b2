#include "api/server_metrics.hpp"

#include "observe/process_figures.hpp"

#include <chrono>
#include <string>

namespace wixtokend::api {
namespace {

using observe::exposition;
using observe::metric_kind;

constexpr std::string_view seconds_unit = "seconds";
constexpr std::string_view bytes_unit = "bytes";

double unix_seconds(wall_time when) noexcept {
  return std::chrono::duration<double>{when.time_since_epoch()}.count();
}

double zero_or_one(bool value) noexcept {
  return value ? 1 : 0;
}

void write_requests(exposition& out, request_figures const& answered) {
  out.family(metric_kind::counter, "wixtokend_requests",
             "Requests on the local API, by call and status; those for no call have no route.");
  for (auto const& [key, count] : answered.counts()) {
    auto const& [call, status] = key;
    auto const code = std::to_string(status);
    out.sample({{"method", call == nullptr ? "" : call->method},
                {"route", call == nullptr ? "" : call->path},
                {"code", code}},
               count);
  }
}

void write_connections(exposition& out, context const& server) {
  out.family(metric_kind::counter, "wixtokend_access_denied",
             "Requests, and parts of requests, that the access policy refused.");
  out.sample({}, server.counted.denied);
  out.family(metric_kind::gauge, "wixtokend_connections", "Open connections of local callers.");
  out.sample({}, std::uint64_t{server.connections});
  out.family(metric_kind::gauge, "wixtokend_connections_limit",
             "Connections that may be open at once (limits.connections).");
  out.sample({}, std::uint64_t{server.settings.limits.connections_max});
  out.family(metric_kind::counter, "wixtokend_connections_refused",
             "Connections that were turned away, because there or of their user were too many.");
  out.sample({}, server.counted.connections_refused);
  out.family(metric_kind::gauge, "wixtokend_waiting_callers",
             "Requests that wait for a token, or watch for the next one.");
  out.sample({}, std::uint64_t{server.service.waiters()});
}

void write_store(exposition& out, service::persistence const& state) {
  if (state.store() == nullptr) return;
  out.family(metric_kind::histogram, "wixtokend_store_commit_duration_seconds",
             "How long writes to the store took until they were on the disk.", seconds_unit);
  out.sample({}, state.figures().durations);
  out.family(metric_kind::counter, "wixtokend_store_commit_failures",
             "Writes to the store that failed; they are tried again.");
  out.sample({}, state.figures().failures);
  out.family(metric_kind::gauge, "wixtokend_store_failing", "1 if the last write has failed.");
  out.sample({}, zero_or_one(state.failure().failed()));
  out.family(metric_kind::gauge, "wixtokend_store_pending_changes",
             "Changes that are not on the disk yet.");
  out.sample({}, state.pending());
}

void write_audit(exposition& out, observe::audit_trail const* trail) {
  if (trail == nullptr) return;
  auto const now = trail->state();
  out.family(metric_kind::counter, "wixtokend_audit_records",
             "Hand-outs of tokens that were recorded in the audit log.");
  out.sample({}, now.recorded);
  out.family(metric_kind::counter, "wixtokend_audit_lost",
             "Tokens that were handed out without a record, for want of room.");
  out.sample({}, now.lost);
  out.family(metric_kind::counter, "wixtokend_audit_refused",
             "Tokens that were not handed out, because it could not be recorded.");
  out.sample({}, now.refused);
  out.family(metric_kind::gauge, "wixtokend_audit_failing",
             "1 if the audit log cannot be written.");
  out.sample({}, zero_or_one(now.failure.failed()));
}

void write_life(exposition& out, context const& server, bool ready) {
  out.family(metric_kind::gauge, "wixtokend_build_info", "1, with the version as a label.");
  out.sample({{"version", server.settings.version}}, std::uint64_t{1});
  out.family(metric_kind::gauge, "wixtokend_ready", "1 if /readyz says so.");
  out.sample({}, zero_or_one(ready));
  out.family(metric_kind::gauge, "wixtokend_config_last_reload_successful",
             "0 if the last reload was refused, and an older configuration is in force.");
  out.sample({}, zero_or_one(!server.reloaded || server.reloaded->good));
  if (server.reloaded) {
    out.family(metric_kind::gauge, "wixtokend_config_last_reload_timestamp_seconds",
               "When the configuration was last reloaded, or that was refused.", seconds_unit);
    out.sample({}, unix_seconds(server.reloaded_at));
  }
  out.family(metric_kind::histogram, "wixtokend_event_loop_lag_seconds",
             "How late the event loop came to what was due, seen every few seconds while there are "
             "connections.",
             seconds_unit);
  out.sample({}, server.loop_lag);
}

// The names that every Prometheus client library has for these.
void write_process(exposition& out, context const& server) {
  auto const now = observe::read_process_figures();
  out.family(metric_kind::gauge, "process_start_time_seconds", "When the process began.",
             seconds_unit);
  out.sample({}, unix_seconds(server.started_wall));
  if (now.cpu_seconds) {
    out.family(metric_kind::counter, "process_cpu_seconds", "CPU time that the process took.",
               seconds_unit);
    out.sample({}, *now.cpu_seconds);
  }
  if (now.resident_bytes) {
    out.family(metric_kind::gauge, "process_resident_memory_bytes", "Memory in use.", bytes_unit);
    out.sample({}, *now.resident_bytes);
  }
  if (now.open_descriptors) {
    out.family(metric_kind::gauge, "process_open_fds", "Open file descriptors.");
    out.sample({}, *now.open_descriptors);
  }
  if (now.descriptors_max) {
    out.family(metric_kind::gauge, "process_max_fds", "File descriptors that may be open.");
    out.sample({}, *now.descriptors_max);
  }
}

}  // namespace

void write_server_metrics(exposition& out, context const& server, bool ready) {
  write_life(out, server, ready);
  write_requests(out, server.answered);
  write_connections(out, server);
  write_store(out, server.registrar.state());
  write_audit(out, server.settings.audit);
  write_process(out, server);
}

}  // namespace wixtokend::api
