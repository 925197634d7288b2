#include "core/engine_types.hpp"

namespace wixtokend::core {

char const* to_string(failure_class kind) noexcept {
  switch (kind) {
    case failure_class::transient: return "transient";
    case failure_class::throttled: return "throttled";
    case failure_class::app_refused: return "app_refused";
    case failure_class::instance_blocked: return "instance_blocked";
  }
  return "unknown";
}

char const* to_string(grant how) noexcept {
  switch (how) {
    case grant::client_credentials: return "client_credentials";
    case grant::refresh_token: return "refresh_token";
    case grant::authorization_code: return "authorization_code";
    case grant::none: return "none";
  }
  return "unknown";
}

char const* to_string(lane which) noexcept {
  switch (which) {
    case lane::waited_for: return "waited_for";
    case lane::living: return "living";
    case lane::lapsed: return "lapsed";
    case lane::blocked: return "blocked";
  }
  return "unknown";
}

char const* to_string(rejection outcome) noexcept {
  switch (outcome) {
    case rejection::replacing: return "replacing";
    case rejection::superseded: return "superseded";
    case rejection::held_off: return "held_off";
    case rejection::no_token: return "no_token";
    case rejection::unknown_instance: return "unknown_instance";
  }
  return "unknown";
}

char const* to_string(instance_state state) noexcept {
  switch (state) {
    case instance_state::cold: return "cold";
    case instance_state::warm: return "warm";
    case instance_state::stale: return "stale";
    case instance_state::blocked: return "blocked";
    case instance_state::app_refused: return "app_refused";
    case instance_state::idle: return "idle";
  }
  return "unknown";
}

char const* to_string(schedule_reason reason) noexcept {
  switch (reason) {
    case schedule_reason::none: return "none";
    case schedule_reason::fraction_of_life: return "fraction_of_life";
    case schedule_reason::due: return "due";
    case schedule_reason::in_flight: return "in_flight";
    case schedule_reason::backoff: return "backoff";
    case schedule_reason::retry_after: return "retry_after";
    case schedule_reason::blocked: return "blocked";
    case schedule_reason::unchanged: return "unchanged";
    case schedule_reason::first_token: return "first_token";
  }
  return "unknown";
}

char const* to_string(breaker_state state) noexcept {
  switch (state) {
    case breaker_state::closed: return "closed";
    case breaker_state::open: return "open";
    case breaker_state::half_open: return "half_open";
  }
  return "?";
}

}  // namespace wixtokend::core
