#pragma once
// An emulator without its I/O: requests go in, plans come out, and time moves when a test says so.

#include "emulator/command_line.hpp"
#include "emulator/dispatch.hpp"
#include "emulator/upstream_state.hpp"

#include <boost/json.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wixtokend::test {

inline std::string const app_a{emulator::demo_app_id};
inline std::string const app_b = "99999999-9999-4999-8999-999999999999";
inline std::string const secret_a{emulator::demo_app_secret};
inline std::string const secret_b = "another-secret-for-tests";
inline std::string const instance_1 = "22222222-2222-4222-8222-000000000001";
inline std::string const instance_2 = "22222222-2222-4222-8222-000000000002";
inline std::string const nil_instance = "00000000-0000-0000-0000-000000000000";

inline wall_time const noon{
    std::chrono::milliseconds{1'795'435'200'123}};  // 2026-11-23T12:00:00.123Z

struct emulator_world {
  emulator::upstream_state state{two_apps(), emulator::settings{}, 7, instant{}};
  wall_time wall = noon;
  instant at{};

  static std::vector<emulator::app> two_apps() {
    std::vector<emulator::app> apps;
    apps.push_back({app_a, secret{secret_a}});
    apps.push_back({app_b, secret{secret_b}});
    return apps;
  }

  void pass(std::chrono::milliseconds time) {
    wall += time;
    at += time;
  }

  emulator::plan plan_for(http::request const& message, bool control_allowed = true) {
    emulator::arrival const when{at, wall, control_allowed};
    auto made = emulator::answer(state, message, when);
    if (made.counted.has_value()) {
      bool const sent = made.how == emulator::ending::send;
      state.counted.ended(*made.counted, sent ? made.reply.status : 0);
    }
    return made;
  }

  http::response ask(std::string const& method, std::string const& target, std::string body = {},
                     std::vector<http::field> const& headers = {}) {
    http::request message;
    message.method = method;
    message.target = target;
    message.body = std::move(body);
    for (auto const& [name, value] : headers) message.headers.add(name, value);
    return plan_for(message).reply;
  }

  http::response post(std::string const& target, boost::json::value const& body) {
    return ask("POST", target, boost::json::serialize(body));
  }

  http::response post_form(std::string const& target, std::string body) {
    return ask("POST", target, std::move(body),
               {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}});
  }

  http::response mint(std::string const& instance = instance_1) {
    return post("/oauth2/token", credentials(instance));
  }

  /// The access token of a mint; it must succeed.
  std::string token(std::string const& instance = instance_1) {
    return text(mint(instance), "access_token");
  }

  http::response call_api(std::string const& token, std::string const& path = "/apps/v1/instance") {
    return ask("GET", path, {}, {{"Authorization", token}});
  }

  /// An authorization code, made over the control API.
  std::string code(std::string const& instance = instance_1) {
    return text(post("/__control/codes", {{"instance", instance}}), "code");
  }

  http::response exchange(std::string const& code) {
    return post("/oauth/access", legacy("authorization_code", "code", code));
  }

  http::response refresh(std::string const& refresh_token) {
    return post("/oauth/access", legacy("refresh_token", "refresh_token", refresh_token));
  }

  /// Adds a fault by the control API; it must be accepted.
  void script(boost::json::value const& faults) {
    if (post("/__control/faults", faults).status != 201) {
      throw std::runtime_error("refused: " + boost::json::serialize(faults));
    }
  }

  void set(boost::json::value const& settings) {
    if (post("/__control/settings", settings).status != 200) {
      throw std::runtime_error("refused: " + boost::json::serialize(settings));
    }
  }

  static boost::json::object credentials(std::string const& instance = instance_1) {
    return {{"grant_type", "client_credentials"},
            {"client_id", app_a},
            {"client_secret", secret_a},
            {"instance_id", instance}};
  }

  static boost::json::object legacy(std::string const& grant, std::string const& name,
                                    std::string const& value) {
    return {
        {"grant_type", grant}, {"client_id", app_a}, {"client_secret", secret_a}, {name, value}};
  }

  static boost::json::object object(http::response const& reply) {
    return boost::json::parse(reply.body).as_object();
  }

  static std::string text(http::response const& reply, std::string_view name) {
    return std::string{std::string_view{object(reply).at(name).as_string()}};
  }

  static std::string header(http::response const& reply, std::string_view name) {
    return std::string{reply.headers.find(name).value_or("")};
  }
};

}  // namespace wixtokend::test
