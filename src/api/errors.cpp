#include "api/errors.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cassert>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < fault_table.size(); ++i) {
    if (static_cast<std::size_t>(fault_table[i].what) != i) return false;
  }
  return fault_table.size() == static_cast<std::size_t>(fault::wait_ended) + 1;
}
static_assert(is_in_order(), "fault_table has a row for each fault, in the order of the enum");

fault fault_of(core::refusal const& refused) noexcept {
  switch (refused.reason) {
    using enum core::refusal_reason;
    case unknown_instance: return fault::unknown_instance;
    case instance_blocked:
      return refused.upstream && refused.upstream->status == 404 ? fault::unknown_upstream
                                                                 : fault::instance_blocked;
    case app_refused: return fault::app_refused;
    case impossible_validity: return fault::impossible_validity;
    case insufficient_validity: return fault::insufficient_validity;
    case unavailable: return fault::unavailable;
    case wait_ended: return fault::wait_ended;
    case hold_off: return fault::rejection_hold_off;
    case too_many: return fault::limit_reached;
    case stopping: return fault::stopping;
  }
  assert(false);
  return fault::unavailable;
}

json::object upstream_json(core::failure const& failed) {
  json::object said;
  said["status"] = failed.status;
  said["code"] = failed.code;
  said["message"] = failed.message;
  said["request_id"] = failed.request_id;
  return said;
}

}  // namespace

fault_entry const& entry_of(fault what) noexcept {
  return fault_table[static_cast<std::size_t>(what)];
}

problem to_problem(core::refusal const& refused) {
  problem found{.what = fault_of(refused), .retry_after = refused.retry_after};
  found.upstream = refused.upstream;
  if (refused.reason == core::refusal_reason::impossible_validity) {
    found.max_min_valid = refused.max_min_valid;
  }
  return found;
}

problem to_problem(core::failure const& failed) {
  core::refusal refused;
  refused.upstream = failed;
  refused.retry_after = failed.retry_after.value_or(duration{});
  switch (failed.kind) {
    case core::failure_class::transient:
    case core::failure_class::throttled: refused.reason = core::refusal_reason::unavailable; break;
    case core::failure_class::app_refused:
      refused.reason = core::refusal_reason::app_refused;
      break;
    case core::failure_class::instance_blocked:
      refused.reason = core::refusal_reason::instance_blocked;
      break;
  }
  return to_problem(refused);
}

std::int64_t seconds_rounded_up(duration length) noexcept {
  return std::chrono::ceil<std::chrono::seconds>(length).count();
}

std::optional<std::int64_t> retry_seconds(problem const& what) noexcept {
  auto const status = entry_of(what.what).status;
  bool const owed = status == 429 || status == 503;  // these two always say when
  if (!owed && what.retry_after <= duration{}) return std::nullopt;
  return std::max<std::int64_t>(seconds_rounded_up(what.retry_after), 1);
}

http::response to_answer(problem const& what) {
  auto const& known = entry_of(what.what);
  json::object body;
  body["error"] = known.code;
  body["error_description"] = what.description.empty() ? known.description : what.description;
  body["retryable"] = known.retryable;

  http::response answer;
  answer.status = known.status;
  answer.headers.add("Content-Type", "application/json");
  answer.headers.add("Cache-Control", "no-store");
  if (auto const pause = retry_seconds(what)) {
    body["retry_after"] = *pause;
    answer.headers.add("Retry-After", std::to_string(*pause));
  }
  if (!what.allow.empty()) answer.headers.add("Allow", what.allow);
  if (what.max_min_valid) {
    auto const whole = std::chrono::floor<std::chrono::seconds>(*what.max_min_valid);
    body["max_min_valid"] = whole.count();
  }
  if (what.upstream) body["upstream"] = upstream_json(*what.upstream);
  answer.body = json::serialize(body);
  return answer;
}

}  // namespace wixtokend::api
