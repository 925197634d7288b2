#include "emulator/webhook_plan.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <utility>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::int64_t ten_years = 315'360'000;

// What happens to an installation, as one event of the call tells it.
struct webhook_event {
  std::string type;
  app_number app{};
  instance_id instance;
  std::string payload_app;  // the `appId` that the payload names
  std::size_t retry = 0;
};

// What holds for the whole call.
struct webhook_options {
  std::size_t duplicates = 0;
  std::string order = "sent";
  double scale = 0;
  std::optional<std::int64_t> exp_seconds = 3600;
  webhook_signature signature = webhook_signature::rs256;
  bool fresh_exp = true;
  bool apply = false;
};

bad_json refused(std::string_view name, std::string_view reason) {
  return {"\"" + std::string{name} + "\" " + std::string{reason}};
}

// Reads members one by one; the first that is wrong is kept.
class member_reader {
 public:
  explicit member_reader(json::object const& from) : from_{from} {}

  void text(std::string_view name, std::string& into) {
    auto const* const value = from_.if_contains(name);
    if (value == nullptr) return;
    if (!value->is_string()) return fail(name, "must be a string");
    into = std::string_view{value->get_string()};
  }
  std::int64_t number(std::string_view name, std::int64_t usual, std::int64_t min,
                      std::int64_t max) {
    auto const* const value = from_.if_contains(name);
    if (value == nullptr) return usual;
    auto const* const number = value->if_int64();
    if (number != nullptr && *number >= min && *number <= max) return *number;
    fail(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
    return usual;
  }
  void flag(std::string_view name, bool& into) {
    auto const* const value = from_.if_contains(name);
    if (value == nullptr) return;
    if (!value->is_bool()) return fail(name, "must be true or false");
    into = value->get_bool();
  }
  void fail(std::string_view name, std::string_view reason) {
    if (!problem_.has_value()) problem_ = refused(name, reason);
  }
  [[nodiscard]] std::optional<bad_json> const& problem() const noexcept { return problem_; }

 private:
  json::object const& from_;
  std::optional<bad_json> problem_;
};

std::optional<bad_json> unknown_member(json::object const& from,
                                       std::initializer_list<std::string_view> known) {
  for (auto const& member : from) {
    if (std::ranges::find(known, std::string_view{member.key()}) == known.end()) {
      return refused(member.key(), "is not known here");
    }
  }
  return std::nullopt;
}

parsed<webhook_event> read_event(upstream_state const& state, json::object const& from) {
  member_reader read{from};
  webhook_event event;
  std::string app = state.apps().front().id;
  std::string instance;
  read.text("event", event.type);
  read.text("app", app);
  read.text("instance", instance);
  event.retry = static_cast<std::size_t>(
      read.number("retry", 0, 0, static_cast<std::int64_t>(webhook_retries.size())));

  auto const id = instance_id::parse(app);
  auto const number = id.has_value() ? state.app_named(id->to_string()) : std::nullopt;
  auto const installed = instance_id::parse(instance);
  if (!number.has_value()) read.fail("app", "must be one of the apps");
  if (!installed.has_value()) read.fail("instance", "must be a GUID");
  if (event.type.empty()) read.fail("event", "must be a type such as \"AppInstalled\"");
  event.payload_app = app;
  read.text("payload_app", event.payload_app);
  if (read.problem().has_value()) return *read.problem();
  event.app = *number;
  event.instance = *installed;
  return event;
}

std::optional<webhook_signature> signature_named(std::string_view name) {
  constexpr std::array<std::string_view, 5> names{"RS256", "PS256", "HS256", "none", "stranger"};
  auto const* const found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<webhook_signature>(found - names.begin());
}

parsed<webhook_options> read_options(json::object const& from) {
  member_reader read{from};
  webhook_options options;
  options.duplicates = static_cast<std::size_t>(read.number("duplicates", 0, 0, 10));
  read.text("order", options.order);
  read.flag("fresh_exp", options.fresh_exp);
  read.flag("apply", options.apply);

  auto const* const exp = from.if_contains("exp_seconds");
  if (exp != nullptr && exp->is_null()) {
    options.exp_seconds.reset();
  } else {
    options.exp_seconds = read.number("exp_seconds", 3600, -ten_years, ten_years);
  }
  if (auto const* const scale = from.if_contains("scale")) {
    boost::system::error_code failure;
    options.scale = scale->to_number<double>(failure);
    if (failure || !(options.scale >= 0 && options.scale <= 1)) {
      read.fail("scale", "must be a number from 0 to 1");
    }
  }
  std::string signature = "RS256";
  read.text("signature", signature);
  auto const how = signature_named(signature);
  options.signature = how.value_or(webhook_signature::rs256);
  if (!how.has_value()) {
    read.fail("signature", "must be \"RS256\", \"PS256\", \"HS256\", \"none\" or \"stranger\"");
  }
  if (options.order != "sent" && options.order != "reversed" && options.order != "shuffled") {
    read.fail("order", "must be \"sent\", \"reversed\" or \"shuffled\"");
  }
  if (read.problem().has_value()) return *read.problem();
  return options;
}

// The events of a call: those in `events`, or the one that the call itself is.
parsed<std::vector<webhook_event>> read_events(upstream_state const& state,
                                               json::object const& from) {
  json::array events;
  auto const* const listed = from.if_contains("events");
  if (listed == nullptr) {
    json::object only;
    for (auto const* const name : {"event", "app", "instance", "payload_app", "retry"}) {
      if (auto const* const value = from.if_contains(name)) only[name] = *value;
    }
    events.push_back(std::move(only));
  } else {
    if (!listed->is_array()) return refused("events", "must be an array");
    events = listed->get_array();
  }
  if (events.empty() || events.size() > webhook_events_max) {
    return refused("events", "must be 1 to " + std::to_string(webhook_events_max));
  }

  std::vector<webhook_event> read;
  for (auto const& one : events) {
    auto const* const members = one.if_object();
    if (members == nullptr) return refused("events", "must be objects");
    auto unknown = unknown_member(*members, {"event", "app", "instance", "payload_app", "retry"});
    if (unknown.has_value()) return *std::move(unknown);
    auto event = read_event(state, *members);
    if (!event.has_value()) return event.error();
    read.push_back(*std::move(event));
  }
  return read;
}

milliseconds delay_of(std::size_t retry) {
  return std::accumulate(webhook_retries.begin(),
                         webhook_retries.begin() + static_cast<std::ptrdiff_t>(retry),
                         milliseconds{});
}

// `data` is JSON in a string, twice, and so is `identity` (docs/upstream.md U-68).
std::string payload_of(webhook_event const& event, wall_time issued,
                       std::optional<std::int64_t> exp_seconds) {
  json::object inner{{"appId", event.payload_app}};
  json::object const identity{{"identityType", "WIX_USER"},
                              {"wixUserId", owner_of(event.instance)}};
  json::object const data{{"data", json::serialize(inner)},
                          {"instanceId", event.instance.to_string()},
                          {"eventType", event.type},
                          {"identity", json::serialize(identity)}};
  auto const iat = std::chrono::floor<seconds>(issued.time_since_epoch()).count();
  json::object payload{{"data", json::serialize(data)}, {"iat", iat}};
  if (exp_seconds.has_value()) payload["exp"] = iat + *exp_seconds;
  return json::serialize(payload);
}

// In the order of arrival: of equal delay, as they were named.
void put_in_order(std::vector<webhook_event const*>& arrivals, upstream_state& state,
                  std::string_view order) {
  std::ranges::stable_sort(arrivals, {}, [](webhook_event const* one) { return one->retry; });
  if (order == "reversed") std::ranges::reverse(arrivals);
  if (order != "shuffled") return;
  for (auto left = arrivals.size(); left > 1; --left) {
    std::swap(arrivals[left - 1], arrivals[static_cast<std::size_t>(state.draw() % left)]);
  }
}

bool apply(upstream_state& state, webhook_event const& event, wall_time now) {
  instance_key const key{event.app, event.instance};
  if (event.type == "AppInstalled") return state.install(key);
  if (event.type == "AppRemoved") return state.remove(key, now);
  return true;
}

}  // namespace

parsed<std::vector<webhook_delivery>> plan_webhooks(upstream_state& state, std::string_view text,
                                                    wall_time now) {
  boost::system::error_code failure;
  auto const body = json::parse(text, failure);
  if (failure || !body.is_object()) return bad_json{"webhooks are a JSON object"};
  auto const& members = body.get_object();
  bool const listed = members.contains("events");
  auto unknown = listed
                     ? unknown_member(members, {"events", "duplicates", "order", "scale",
                                                "exp_seconds", "fresh_exp", "signature", "apply"})
                     : unknown_member(members, {"event", "app", "instance", "payload_app", "retry",
                                                "duplicates", "order", "scale", "exp_seconds",
                                                "fresh_exp", "signature", "apply"});
  if (unknown.has_value()) return *std::move(unknown);
  auto const options = read_options(members);
  if (!options.has_value()) return options.error();
  auto const events = read_events(state, members);
  if (!events.has_value()) return events.error();
  if (events->size() * (options->duplicates + 1) > webhook_deliveries_max) {
    return refused("duplicates",
                   "makes more than " + std::to_string(webhook_deliveries_max) + " deliveries");
  }

  std::vector<webhook_event const*> arrivals;
  std::vector<milliseconds> due;  // the moments stay in order, whoever comes then
  for (auto const& event : *events) {
    if (options->apply && !apply(state, event, now)) return bad_json{"too many instances"};
    for (std::size_t copy = 0; copy <= options->duplicates; ++copy) {
      arrivals.push_back(&event);
      due.push_back(
          std::chrono::duration_cast<milliseconds>(delay_of(event.retry) * options->scale));
    }
  }
  put_in_order(arrivals, state, options->order);
  std::ranges::sort(due);

  std::vector<webhook_delivery> plan;
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    auto const& event = *arrivals[i];
    // A retry that carries what the first attempt carried was signed so much earlier (U-96).
    auto const issued =
        now + due[i] - (options->fresh_exp ? milliseconds{} : delay_of(event.retry));
    auto jwt = state.webhook_signers.sign(
        event.app, payload_of(event, issued, options->exp_seconds), options->signature);
    plan.push_back(
        {due[i], event.retry, event.type, state.at(event.app).id, event.instance, std::move(jwt)});
  }
  return plan;
}

std::string to_json(std::vector<webhook_delivery> const& plan) {
  json::array deliveries;
  for (auto const& one : plan) {
    deliveries.push_back(json::object{{"due_ms", one.due.count()},
                                      {"retry", one.retry},
                                      {"event", one.event},
                                      {"app", one.app},
                                      {"instance", one.instance.to_string()},
                                      {"jwt", one.jwt}});
  }
  return json::serialize(json::object{{"deliveries", std::move(deliveries)}});
}

}  // namespace wixtokend::emulator
