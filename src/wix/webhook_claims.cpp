#include "wix/webhook_claims.hpp"

#include "wix/json_reading.hpp"

#include <boost/json.hpp>

#include <chrono>

namespace wixtokend::wix {
namespace json = boost::json;
namespace {

using service::webhook_event;
using service::webhook_refusal;

// The object at `data`, written as such or as a string. Nothing if it is neither; an empty object
// if it is absent, null or "".
std::optional<json::object> data_in(json::object const& outer) {
  auto const* const data = outer.if_contains("data");
  if (data == nullptr || data->is_null()) return json::object{};
  if (auto const* const object = data->if_object()) return *object;
  auto const* const text = data->if_string();
  if (text == nullptr) return std::nullopt;
  if (text->empty()) return json::object{};
  return parse_object({text->data(), text->size()});
}

webhook_event event_named(std::string_view type) noexcept {
  if (type == "AppInstalled") return webhook_event::installed;
  if (type == "AppRemoved") return webhook_event::removed;
  return webhook_event::other;
}

bool same_app(std::string_view left, std::string_view right) noexcept {
  auto const one = instance_id::parse(left);  // app ids are GUIDs as well
  auto const other = instance_id::parse(right);
  if (one.has_value() && other.has_value()) return *one == *other;
  return left == right;
}

// Why the app's life-cycle event with that inner data is not taken.
std::optional<webhook_refusal> refusal_of(json::object const& event, std::string_view app_id) {
  auto const inner = data_in(event);
  if (!inner.has_value()) return webhook_refusal::malformed;
  auto const* const named = inner->if_contains("appId");
  if (named == nullptr || named->is_null()) return std::nullopt;
  if (!named->is_string()) return webhook_refusal::malformed;
  if (!same_app(string_at(*inner, "appId"), app_id)) return webhook_refusal::other_app;
  return std::nullopt;
}

}  // namespace

std::variant<webhook_claims, webhook_refusal> read_webhook_claims(std::string_view payload,
                                                                  std::string_view app_id) {
  auto const outer = parse_object(payload);
  if (!outer.has_value()) return webhook_refusal::malformed;
  webhook_claims read;
  auto const* const end = outer->if_contains("exp");
  if (end != nullptr && !end->is_null()) {
    auto const seconds = unix_seconds_at(*outer, "exp");
    if (!seconds.has_value()) return webhook_refusal::malformed;
    read.expires_at = wall_time{std::chrono::seconds{*seconds}};
  }

  if (!outer->contains("data")) return webhook_refusal::malformed;
  auto const event = data_in(*outer);
  if (!event.has_value()) return webhook_refusal::malformed;
  read.content.event = event_named(string_at(*event, "eventType"));
  auto const instance = instance_id::parse(string_at(*event, "instanceId"));
  if (instance.has_value()) read.content.instance = *instance;
  if (read.content.event == webhook_event::other) return read;

  if (read.content.instance == instance_id{}) return webhook_refusal::malformed;
  auto const refused = refusal_of(*event, app_id);
  if (refused.has_value()) return *refused;
  return read;
}

}  // namespace wixtokend::wix
