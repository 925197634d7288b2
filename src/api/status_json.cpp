#include "api/status_json.hpp"

#include "base/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <chrono>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

// Boost.JSON writes 50.0 as 5E1; this page is read by people, too.
class object_text {
 public:
  object_text& raw(std::string_view name, std::string_view value) {
    text_.append(text_.empty() ? "{\"" : ",\"").append(name).append("\":").append(value);
    return *this;
  }
  object_text& text(std::string_view name, std::string_view value) {
    return raw(name, json::serialize(json::string_view{value.data(), value.size()}));
  }
  object_text& flag(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  object_text& count(std::string_view name, std::uint64_t value) {
    return raw(name, std::to_string(value));
  }
  object_text& rate(std::string_view name, double value) { return raw(name, figure(value)); }

  [[nodiscard]] std::string take() { return std::move(text_.append("}")); }

 private:
  std::string text_;
};

object_text& add_failure(object_text& out, core::failure const& why) {
  return out.text("class", core::to_string(why.kind))
      .count("status", why.status)
      .text("code", why.code)
      .text("message", why.message)
      .text("request_id", why.request_id);
}

std::string refusal_json(core::failure const* why) {
  if (why == nullptr) return "null";
  object_text out;
  return add_failure(out, *why).take();
}

std::string states_json(core::app_survey const& surveyed) {
  object_text out;
  for (std::size_t i = 0; i < core::instance_state_count; ++i) {
    out.count(core::to_string(static_cast<core::instance_state>(i)), surveyed.by_state[i]);
  }
  return out.take();
}

// Whole seconds, rounded down: what is promised lasts.
std::string outage_budget_json(app_status const& app) {
  object_text out;
  auto const add = [&](std::string_view name, double share) {
    auto const left = core::outage_budget(app.seen, app.surveyed, share);
    auto const seconds = std::chrono::floor<std::chrono::seconds>(left.value_or(duration{}));
    out.raw(name, left ? std::to_string(seconds.count()) : "null");
  };
  add("first", 0);
  add("p5", 0.05);
  add("p50", 0.5);
  return out.take();
}

std::string failures_json(std::deque<service::failed_attempt> const& failures) {
  std::string out = "[";
  for (auto const& one : failures) {
    if (out.size() > 1) out += ',';
    auto const at = std::chrono::floor<std::chrono::seconds>(one.at).time_since_epoch().count();
    object_text entry;
    entry.text("instance_id", one.instance.to_string()).raw("at", std::to_string(at));
    out += add_failure(entry, one.why).take();
  }
  return out + ']';
}

// Rounded up: 0 means that there is no pause.
std::uint64_t paused_seconds(core::app_view const& seen, instant now) {
  if (!seen.paused_until || *seen.paused_until <= now) return 0;
  auto const left = std::chrono::ceil<std::chrono::seconds>(*seen.paused_until - now);
  return static_cast<std::uint64_t>(left.count());
}

}  // namespace

std::string app_status_json(app_status const& app, instant now) {
  auto const& seen = app.seen;
  object_text out;
  out.text("name", app.name)
      .count("instances", seen.instances)
      .count("kept_warm", seen.kept_warm)
      .count("usable", seen.usable)
      .rate("demand", seen.demand)
      .rate("ceiling", seen.ceiling)
      .rate("rate", seen.rate)
      .rate("background_rate", seen.background_rate)
      .flag("overloaded", seen.overloaded())
      .text("breaker", core::to_string(seen.breaker))
      .count("paused_seconds", paused_seconds(seen, now))
      .count("in_flight", seen.in_flight)
      .count("waiting", seen.waiting())
      .flag("refused", seen.refusal != nullptr)
      .flag("suspected", seen.suspected)
      .raw("refusal", refusal_json(seen.refusal))
      .raw("by_state", states_json(app.surveyed))
      .count("overdue", app.surveyed.overdue)
      .raw("outage_budget_seconds", outage_budget_json(app))
      .raw("last_errors", failures_json(app.last_failures));
  return out.take();
}

}  // namespace wixtokend::api
