#pragma once
// What can be wrong with a call of the local API, and the answer that says so.

#include "base/time.hpp"
#include "core/engine_types.hpp"
#include "http/message.hpp"

#include <boost/system/result.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::api {

/// Every kind of error answer. `fault_table` has the status and the code of each.
enum class fault : std::uint8_t {
  malformed_request,
  invalid_target,
  forwarded_request,
  unknown_parameter,
  repeated_parameter,
  invalid_parameter,
  invalid_instance_id,
  invalid_body,
  invalid_webhook,
  webhook_signature,
  webhook_expired,
  webhook_other_app,
  access_denied,
  unknown_path,
  unknown_app,
  unknown_instance,
  unknown_upstream,
  method_not_allowed,
  request_timeout,
  grant_conflict,
  store_required,
  webhooks_not_configured,
  body_too_large,
  line_too_large,
  too_many_lines,
  impossible_validity,
  limit_reached,
  rate_limited,
  rejection_hold_off,
  too_many_connections,
  header_too_large,
  app_refused,
  instance_blocked,
  unavailable,
  insufficient_validity,
  store_failed,
  audit_failed,
  stopping,
  server_full,
  wait_ended,
};

/// How a fault looks to a caller. Codes are stable: callers compare them.
struct fault_entry {
  fault what;
  unsigned status;
  std::string_view code;
  bool retryable;                ///< the same request may succeed later without anybody's doing
  std::string_view description;  ///< for people; a full sentence, used where there is none better
};

/// All errors of the API on one screen; docs/api.md says what to do about each.
inline constexpr std::array<fault_entry, 40> fault_table{{
    {fault::malformed_request, 400, "malformed_request", false, "This is not an HTTP/1.1 request."},
    {fault::invalid_target, 400, "invalid_target", false,
     "The request target is not a valid path and query."},
    {fault::forwarded_request, 400, "forwarded_request", false,
     "Requests that come through a proxy or from a browser are refused."},
    {fault::unknown_parameter, 400, "unknown_parameter", false,
     "The query has a parameter that this call does not know."},
    {fault::repeated_parameter, 400, "repeated_parameter", false,
     "The query has a parameter twice."},
    {fault::invalid_parameter, 400, "invalid_parameter", false,
     "A query parameter has an invalid value."},
    {fault::invalid_instance_id, 400, "invalid_instance_id", false,
     "The instance id is not a GUID."},
    {fault::invalid_body, 400, "invalid_body", false,
     "The body is not of the form that this call needs."},
    {fault::invalid_webhook, 400, "invalid_webhook", false,
     "The body is not a webhook as Wix sends them."},
    {fault::webhook_signature, 400, "webhook_signature", false,
     "The webhook is not signed with the key that is configured for the app."},
    {fault::webhook_expired, 400, "webhook_expired", false,
     "The webhook is too old, or does not say until when it is valid."},
    {fault::webhook_other_app, 400, "webhook_other_app", false, "The webhook is for another app."},
    {fault::access_denied, 403, "access_denied", false,
     "The access policy does not grant this call to your user."},
    {fault::unknown_path, 404, "unknown_path", false, "There is no such call."},
    {fault::unknown_app, 404, "unknown_app", false, "There is no app of this name."},
    {fault::unknown_instance, 404, "unknown_instance", false,
     "The instance is not registered here."},
    {fault::unknown_upstream, 404, "unknown_upstream", false,
     "Wix does not know this instance of the app."},
    {fault::method_not_allowed, 405, "method_not_allowed", false,
     "This path does not have this method."},
    {fault::request_timeout, 408, "request_timeout", true, "The request did not arrive in time."},
    {fault::grant_conflict, 409, "grant_conflict", false,
     "Another refresh token of this instance is stored."},
    {fault::store_required, 409, "store_required", false,
     "This grant must survive a restart: it needs a store on a persistent file system."},
    {fault::webhooks_not_configured, 409, "webhooks_not_configured", false,
     "This app has no public key for webhooks: webhook_public_key_file is not configured."},
    {fault::body_too_large, 413, "body_too_large", false, "The request body exceeds 64 KiB."},
    {fault::line_too_large, 413, "line_too_large", false, "The line exceeds 64 KiB."},
    {fault::too_many_lines, 413, "too_many_lines", false,
     "The request has more than 1,000,000 lines."},
    {fault::impossible_validity, 422, "impossible_validity", false,
     "min_valid exceeds half the usable life of this instance's tokens."},
    {fault::limit_reached, 429, "limit_reached", true, "A limit of this daemon is reached."},
    {fault::rate_limited, 429, "rate_limited", true,
     "Your user makes too many requests per second on this socket."},
    {fault::rejection_hold_off, 429, "rejection_hold_off", true,
     "The token was replaced a short while ago and is not replaced again yet."},
    {fault::too_many_connections, 429, "too_many_connections", true,
     "Your user has too many open connections."},
    {fault::header_too_large, 431, "header_too_large", false, "The request head exceeds 16 KiB."},
    {fault::app_refused, 502, "app_refused", false, "Wix refuses the app's id or secret."},
    {fault::instance_blocked, 502, "instance_blocked", false,
     "Wix refuses this instance of the app."},
    {fault::unavailable, 503, "unavailable", true,
     "There is no usable token, and none could be obtained in time."},
    {fault::insufficient_validity, 503, "insufficient_validity", true,
     "The token lives too short for min_valid, and no newer one came in time."},
    {fault::store_failed, 503, "store_failed", true,
     "It could not be written to disk, so a restart may undo it."},
    {fault::audit_failed, 503, "audit_failed", true,
     "The audit log cannot be written, so no token is handed out."},
    {fault::stopping, 503, "stopping", true, "The daemon is shutting down."},
    {fault::server_full, 503, "server_full", true, "The daemon has too many open connections."},
    {fault::wait_ended, 504, "wait_ended", true,
     "The wait ended; the request to Wix is still under way."},
}};

[[nodiscard]] fault_entry const& entry_of(fault what) noexcept;

/// One error, ready to be answered.
struct problem {
  fault what = fault::malformed_request;
  std::string description{};  ///< a full sentence; empty: the table's
  duration retry_after{};     ///< 0: unknown, then 429 and 503 say one second
  std::optional<core::failure> upstream{};
  std::optional<duration> max_min_valid{};
  std::string allow{};  ///< with `method_not_allowed`: the methods of the path
};

/// A value, or the problem to be answered in its place.
template <class T = void>
using checked = boost::system::result<T, problem>;

/// What a refusal of the engine is to a caller.
[[nodiscard]] problem to_problem(core::refusal const& refused);

/// What a failed upstream call, made for the caller, is to it.
[[nodiscard]] problem to_problem(core::failure const& failed);

/// The problem as JSON: `error`, `error_description`, `retryable`, and where known `retry_after`
/// (seconds, also as the header `Retry-After`), `max_min_valid`, `upstream`; 405 has `Allow`.
[[nodiscard]] http::response to_answer(problem const& what);

/// Whole seconds, rounded up, so that nobody comes too early.
[[nodiscard]] std::int64_t seconds_rounded_up(duration length) noexcept;

/// The pause that a problem asks for, in seconds; nothing if it asks for none.
[[nodiscard]] std::optional<std::int64_t> retry_seconds(problem const& what) noexcept;

}  // namespace wixtokend::api
