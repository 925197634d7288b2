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

std::string refusal_json(core::failure const* why) {
  if (why == nullptr) return "null";
  object_text out;
  out.text("class", core::to_string(why->kind))
      .count("status", why->status)
      .text("code", why->code)
      .text("message", why->message)
      .text("request_id", why->request_id);
  return out.take();
}

// Rounded up: 0 means that there is no pause.
std::uint64_t paused_seconds(core::app_view const& seen, instant now) {
  if (!seen.paused_until || *seen.paused_until <= now) return 0;
  auto const left = std::chrono::ceil<std::chrono::seconds>(*seen.paused_until - now);
  return static_cast<std::uint64_t>(left.count());
}

}  // namespace

std::string app_status_json(std::string_view name, core::app_view const& seen, instant now) {
  object_text out;
  out.text("name", name)
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
      .count("waiting", seen.waiting)
      .flag("refused", seen.refusal != nullptr)
      .flag("suspected", seen.suspected)
      .raw("refusal", refusal_json(seen.refusal));
  return out.take();
}

}  // namespace wixtokend::api
