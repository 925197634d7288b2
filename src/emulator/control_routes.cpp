#include "emulator/control_routes.hpp"

#include "base/text.hpp"
#include "emulator/control_views.hpp"
#include "emulator/dispatch.hpp"
#include "emulator/fault_json.hpp"
#include "emulator/form.hpp"
#include "emulator/replies.hpp"
#include "emulator/webhook_plan.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

constexpr std::string_view root = "/__control";

// A control call on its way to its handler.
struct request {
  upstream_state& state;
  http::request const& message;
  arrival const& when;
  form query;
  std::string_view argument;  // what the path has in place of the pattern's `*`
};

http::response bad_request(std::string_view why) {
  return rfc_error(400, "bad_request", why);
}

http::response done() {
  return empty_reply(204);
}

// A whole number of the query; `usual` if it is absent, nothing if it is no such number.
std::optional<std::uint64_t> number_in(form const& query, std::string_view name,
                                       std::uint64_t usual, std::uint64_t max) {
  auto const text = find(query, name);
  if (!text.has_value()) return usual;
  auto const number = parse_decimal(*text, max);
  if (!number.has_value()) return std::nullopt;
  return *number;
}

// The app that a call names, or the first one.
std::optional<app_number> app_in(upstream_state const& state,
                                 std::optional<std::string_view> named) {
  if (!named.has_value()) return app_number{};
  auto const id = instance_id::parse(*named);
  return id.has_value() ? state.app_named(id->to_string()) : std::nullopt;
}

std::optional<instance_key> key_in(request const& asked) {
  auto const app = app_in(asked.state, find(asked.query, "app"));
  auto const instance = instance_id::parse(asked.argument);
  if (!app.has_value() || !instance.has_value()) return std::nullopt;
  return instance_key{*app, *instance};
}

http::response no_such_key() {
  return bad_request("the instance must be a GUID, and ?app= one of the apps");
}

http::response show_counters(request const& asked) {
  auto const limit = number_in(asked.query, "limit", 100, 100'000);
  if (!limit.has_value()) return bad_request("limit is a whole number up to 100000");
  return json_reply(200, counters_view(asked.state, *limit));
}

http::response reset_counters(request const& asked) {
  asked.state.counted.reset(asked.when.at);
  asked.state.installations.reset_counters();
  return done();
}

http::response show_arrivals(request const& asked) {
  auto const limit = number_in(asked.query, "limit", 10'000, counters::arrivals_max);
  auto const window = number_in(asked.query, "window_ms", 1000, 86'400'000);
  if (!limit.has_value() || !window.has_value() || *window == 0) {
    return bad_request("window_ms is a whole number from 1, limit one up to 200000");
  }
  auto const named = find(asked.query, "route");
  auto const only = named.has_value() ? route_named(*named) : std::nullopt;
  if (named.has_value() && !only.has_value()) return bad_request("there is no such route");
  return json_reply(
      200, arrivals_view(asked.state.counted, only, std::chrono::milliseconds{*window}, *limit));
}

http::response show_faults(request const& asked) {
  return json_reply(200, to_json(asked.state.faults));
}

http::response add_faults(request const& asked) {
  auto faults = parse_faults(asked.message.body);
  if (!faults.has_value()) return bad_request(faults.error().why);
  json::array ids;
  for (auto& one : *faults) {
    auto const id = asked.state.faults.add(std::move(one));
    if (!id.has_value()) return rfc_error(429, "too_many", id.error().message());
    ids.emplace_back(*id);
  }
  return json_reply(201, json::serialize(json::object{{"ids", ids}}));
}

http::response clear_faults(request const& asked) {
  asked.state.faults.clear();
  return done();
}

http::response remove_fault(request const& asked) {
  auto const id = parse_decimal(asked.argument);
  if (id.has_value() && asked.state.faults.remove(*id)) return done();
  return rfc_error(404, "not_found", "there is no such fault in the script");
}

http::response show_instance(request const& asked) {
  auto const key = key_in(asked);
  if (!key.has_value()) return no_such_key();
  return json_reply(200, instance_view(asked.state, *key));
}

http::response install_instance(request const& asked) {
  auto const key = key_in(asked);
  if (!key.has_value()) return no_such_key();
  if (asked.state.install(*key)) return json_reply(200, instance_view(asked.state, *key));
  return rfc_error(429, "too_many", "there are too many instances");
}

http::response remove_instance(request const& asked) {
  auto const key = key_in(asked);
  if (!key.has_value()) return no_such_key();
  auto const now = asked.state.virtual_time(asked.when.wall);
  if (asked.state.remove(*key, now)) return json_reply(200, instance_view(asked.state, *key));
  return rfc_error(429, "too_many", "there are too many instances");
}

std::optional<std::string_view> text_member(json::object const& body, std::string_view name) {
  auto const* const member = body.if_contains(name);
  if (member == nullptr || !member->is_string()) return std::nullopt;
  return std::string_view{member->get_string()};
}

http::response create_code(request const& asked) {
  error_code failure;
  auto const body = json::parse(asked.message.body, failure);
  if (failure || !body.is_object()) return bad_request("the body is a JSON object");
  auto const& members = body.get_object();
  auto const app = app_in(asked.state, text_member(members, "app"));
  auto const instance = instance_id::parse(text_member(members, "instance").value_or(""));
  if (!app.has_value() || !instance.has_value()) {
    return bad_request("\"instance\" must be a GUID, and \"app\", if given, one of the apps");
  }

  // A code is what an installation ends with.
  instance_key const key{*app, *instance};
  auto const now = asked.state.virtual_time(asked.when.wall);
  auto const code = asked.state.make_code(key, now);
  if (!asked.state.install(key) || !code.has_value()) {
    return rfc_error(429, "too_many", "there are too many codes or instances");
  }
  json::object const reply{{"code", *code},
                           {"app", asked.state.at(*app).id},
                           {"instance", instance->to_string()},
                           {"expires_in", std::chrono::seconds{authorization_codes::life}.count()}};
  return json_reply(201, json::serialize(reply));
}

http::response show_settings(request const& asked) {
  return json_reply(200, to_json(asked.state.knobs));
}

http::response change_settings(request const& asked) {
  auto const changed = changed_settings(asked.state.knobs, asked.message.body);
  if (!changed.has_value()) return bad_request(changed.error().why);
  asked.state.knobs = *changed;
  return show_settings(asked);
}

http::response show_time(request const& asked) {
  return json_reply(200, time_view(asked.state, asked.when.wall));
}

http::response advance_time(request const& asked) {
  error_code failure;
  auto const body = json::parse(asked.message.body, failure);
  auto const* const members = failure ? nullptr : body.if_object();
  auto const* const given = members == nullptr ? nullptr : members->if_contains("seconds");
  auto const* const length = given == nullptr ? nullptr : given->if_int64();
  if (length == nullptr || *length < 0) {
    return bad_request("\"seconds\" must be a whole number from 0");
  }
  if (!asked.state.advance(std::chrono::seconds{*length})) {
    return bad_request("virtual time cannot be more than ten years ahead");
  }
  return show_time(asked);
}

http::response show_authority(request const& asked) {
  if (asked.state.authority_pem.empty()) return rfc_error(404, "not_found", "TLS is off");
  auto reply = empty_reply(200);
  reply.headers.add("content-type", "application/x-pem-file");
  reply.body = asked.state.authority_pem;
  return reply;
}

// The key that verifies an app's webhooks, in the two forms that Wix's dashboard and SDK know.
http::response show_webhook_key(request const& asked) {
  auto const app = app_in(asked.state, find(asked.query, "app"));
  auto const form = find(asked.query, "form").value_or("pem");
  if (!app.has_value() || (form != "pem" && form != "line")) {
    return bad_request("?app= must be one of the apps, ?form= \"pem\" or \"line\"");
  }
  auto reply = empty_reply(200);
  reply.headers.add("content-type", form == "pem" ? "application/x-pem-file" : "text/plain");
  reply.body = form == "pem" ? asked.state.webhook_signers.public_pem(*app)
                             : asked.state.webhook_signers.public_line(*app);
  return reply;
}

http::response change_secret(request const& asked) {
  constexpr std::size_t size_max = 1024;
  auto const app = app_in(asked.state, find(asked.query, "app"));
  auto const& text = asked.message.body;
  bool const printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
  if (!app.has_value() || text.empty() || text.size() > size_max || !printable) {
    return bad_request("?app= must be one of the apps, the body the secret: 1 to 1024 characters");
  }
  asked.state.replace_secret(*app, secret{text});
  return done();
}

http::response make_webhooks(request const& asked) {
  auto const as = find(asked.query, "as").value_or("json");
  if (as != "json" && as != "jwt") return bad_request("?as= must be \"json\" or \"jwt\"");
  auto const now = asked.state.virtual_time(asked.when.wall);
  auto plan = plan_webhooks(asked.state, asked.message.body, now);
  if (!plan.has_value()) return bad_request(plan.error().why);
  if (as == "json") return json_reply(201, to_json(*plan));
  if (plan->size() != 1) return bad_request("?as=jwt is for one delivery");
  auto reply = empty_reply(201);
  reply.headers.add("content-type", "text/plain");
  reply.body = std::move(plan->front().jwt);
  return reply;
}

http::response reset_all(request const& asked) {
  asked.state.reset(asked.when.at);
  return done();
}

struct entry {
  std::string_view method;
  std::string_view path;  // below the root; `*` stands for one segment
  http::response (*answer)(request const&);
};

constexpr std::array entries{
    entry{"GET", "/counters", show_counters},
    entry{"POST", "/counters/reset", reset_counters},
    entry{"GET", "/arrivals", show_arrivals},
    entry{"GET", "/faults", show_faults},
    entry{"POST", "/faults", add_faults},
    entry{"DELETE", "/faults", clear_faults},
    entry{"DELETE", "/faults/*", remove_fault},
    entry{"GET", "/instances/*", show_instance},
    entry{"POST", "/instances/*/install", install_instance},
    entry{"POST", "/instances/*/remove", remove_instance},
    entry{"POST", "/codes", create_code},
    entry{"GET", "/settings", show_settings},
    entry{"POST", "/settings", change_settings},
    entry{"GET", "/time", show_time},
    entry{"POST", "/advance", advance_time},
    entry{"GET", "/authority", show_authority},
    entry{"GET", "/webhook-key", show_webhook_key},
    entry{"POST", "/webhooks", make_webhooks},
    entry{"PUT", "/secret", change_secret},
    entry{"POST", "/reset", reset_all},
};

// What the path has in place of the pattern's `*`, empty if the pattern has none; nothing if the
// path does not fit.
std::optional<std::string_view> fitted(std::string_view pattern, std::string_view path) {
  auto const star = pattern.find('*');
  if (star == std::string_view::npos) {
    return pattern == path ? std::optional<std::string_view>{""} : std::nullopt;
  }
  auto const before = pattern.substr(0, star);
  auto const after = pattern.substr(star + 1);
  if (path.size() <= before.size() + after.size()) return std::nullopt;
  if (!path.starts_with(before) || !path.ends_with(after)) return std::nullopt;
  auto const middle = path.substr(star, path.size() - before.size() - after.size());
  return middle.find('/') == std::string_view::npos ? std::optional{middle} : std::nullopt;
}

}  // namespace

bool is_control(std::string_view path) noexcept {
  return path.starts_with(root) && (path.size() == root.size() || path[root.size()] == '/');
}

http::response answer_control(upstream_state& state, http::request const& message,
                              arrival const& when) {
  auto const path = path_of(message.target).substr(root.size());
  auto query = parse_form(query_of(message.target));
  if (!query.has_value()) return bad_request("the query is not well formed");

  bool path_known = false;
  for (auto const& one : entries) {
    auto const argument = fitted(one.path, path);
    if (!argument.has_value()) continue;
    path_known = true;
    if (one.method != message.method) continue;
    return one.answer(request{state, message, when, *std::move(query), *argument});
  }
  if (path_known) return rfc_error(405, "method_not_allowed", "not with this method");
  return rfc_error(404, "not_found", "there is no such control call; see docs/emulator.md");
}

}  // namespace wixtokend::emulator
