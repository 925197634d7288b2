#include "integration/world.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <csignal>
#include <exception>
#include <filesystem>
#include <utility>

namespace wixtokend::test {
namespace json = boost::json;
using namespace std::chrono_literals;

std::string instance_text(unsigned n) {
  auto const digits = std::to_string(n);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

std::string instance_path(unsigned n) {
  return "/v1/instances/" + instance_text(n);
}

world::world(world_options options) : options_{std::move(options)} {
  folder_.write("secret", std::string{app_secret} + "\n");
  folder_.write("daemon-secret", options_.secret + "\n");
  remember_secret(app_secret);
  remember_secret(options_.secret);
  start_emulator();
  if (options_.start_daemon) start_daemon();
}

world::~world() {
  daemon_.reset();
  emulator_.reset();
  for (auto const& secret : secrets_) {
    CHECK_MESSAGE(refusals_.find(secret) == std::string::npos, "a secret stands in an answer");
  }
  for (auto const& entry : std::filesystem::directory_iterator{folder_.path()}) {
    auto const name = entry.path().filename().string();
    if (!name.starts_with("log-")) continue;
    auto const logged = content_of(entry.path());
    for (auto const& secret : secrets_) {
      CHECK_MESSAGE(logged.find(secret) == std::string::npos, "a secret stands in " << name);
    }
  }
}

void world::start_emulator() {
  auto const number = std::to_string(++starts_);
  // After a restart the ports stay, so that the daemon finds it again.
  auto const https = "127.0.0.1:" + std::to_string(https_port_);
  auto const http = "127.0.0.1:" + std::to_string(http_port_);
  std::vector<std::string> arguments{program("wix-oauth-emulator"),
                                     "--https",
                                     https,
                                     "--http",
                                     http,
                                     "--ca-out",
                                     folder_.path("ca.pem"),
                                     "--app",
                                     std::string{app_id} + ":" + folder_.path("secret"),
                                     "--expires-in",
                                     std::to_string(options_.expires_in),
                                     "--certificate",
                                     options_.certificate,
                                     "--log-level",
                                     "trace"};
  arguments.insert(arguments.end(), options_.emulator_arguments.begin(),
                   options_.emulator_arguments.end());
  emulator_ = std::make_unique<process>(arguments, folder_.path("log-emulator-out-" + number),
                                        folder_.path("log-emulator-" + number));
  auto const ready = json::parse(emulator_->first_output_line());
  https_port_ = static_cast<std::uint16_t>(number_of(ready, "https_port"));
  http_port_ = static_cast<std::uint16_t>(number_of(ready, "http_port"));
}

void world::write_config() {
  std::string instances;
  for (auto const& id : options_.instances) instances += "\"" + id + "\", ";
  auto const url = options_.plain_http
                       ? "http://" + options_.host + ":" + std::to_string(http_port_)
                       : "https://" + options_.host + ":" + std::to_string(https_port_);
  std::string config = "[log]\nlevel = \"" + options_.log_level + "\"\nformat = \"text\"\n\n";
  config += "[[app]]\nname = \"main\"\n";
  config += "app_id = \"" + std::string{app_id} + "\"\n";
  config += "app_secret_file = \"daemon-secret\"\n";
  config += "base_url = \"" + url + "\"\n";
  if (options_.plain_http) config += "allow_plain_http = true\n";
  if (!options_.plain_http) {
    config += "ca_file = \"" + options_.ca_file.value_or(folder_.path("ca.pem")) + "\"\n";
  }
  config += "instances = [" + instances + "]\n" + options_.app_settings + "\n";
  config += "\n" + options_.settings + "\n";
  // The last one: when it can be connected to, the others are there, too.
  config += "\n[[socket]]\npath = \"" + socket() + "\"\n";
  if (!options_.socket_is_inherited) config += "mode = \"0600\"\n";
  folder_.write("wixtokend.toml", config);
}

void world::start_daemon() {
  REQUIRE_MESSAGE(try_start_daemon(), daemon_->errors());
}

bool world::try_start_daemon() {
  write_config();
  auto const number = std::to_string(++starts_);
  auto arguments = starter_;
  for (auto const& one : {program("wixtokend"), std::string{"run"}, std::string{"--config"}}) {
    arguments.push_back(one);
  }
  arguments.push_back(config());
  daemon_ = std::make_unique<process>(arguments, folder_.path("log-daemon-out-" + number),
                                      folder_.path("log-daemon-" + number));
  bool const listening = eventually([this] {
    if (!daemon_->running()) return true;
    try {
      auto const reached = connect();  // one that was killed leaves its socket behind
      return true;
    } catch (std::exception const&) {
      return false;
    }
  });
  return listening && daemon_->running();
}

void world::add_store(std::string const& folder) {
  auto const key = run_process({program("wixtokend"), "keygen"});
  REQUIRE_MESSAGE(key.exit_code == 0, key.errors);
  folder_.write("store-key", key.output);
  store_file_ = (folder.empty() ? folder_.path() : folder) + "/state.db";
  // The folder of temporary files may be in memory.
  add_settings("[store]\nfile = \"" + store_file_ +
               "\"\nkey_file = \"store-key\"\nallow_volatile = true\n");
}

void world::kill_daemon() {
  daemon_->signal(SIGKILL);
  REQUIRE(daemon_->wait().has_value());
}

int world::stop_daemon() {
  daemon_->signal(SIGTERM);
  auto const code = daemon_->wait();
  REQUIRE_MESSAGE(code.has_value(), "the daemon does not end: " << daemon_->errors());
  return *code;
}

raw_response world::call(std::string const& method, std::string const& target,
                         std::string const& body, std::string const& headers) {
  auto client = connect();
  auto answer = client.request(method, target, body, headers);
  if (answer.status >= 400) {
    for (auto const& [name, value] : answer.headers) refusals_ += name + ": " + value + "\n";
    refusals_ += answer.body + "\n";
  }
  return answer;
}

json::value world::view(unsigned instance) {
  auto const answer = call("GET", instance_path(instance));
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  return parse(answer);
}

json::value world::app_status() {
  return member(parse(call("GET", "/v1/status")), "apps").as_array().at(0);
}

void world::register_all(unsigned first, unsigned last) {
  std::string lines;
  for (auto n = first; n <= last; ++n) lines += R"({"instance_id":")" + instance_text(n) + "\"}\n";
  auto const answer =
      call("POST", "/v1/instances", lines, "Content-Type: application/x-ndjson\r\n");
  REQUIRE_MESSAGE(answer.status == 200, answer.body);
  REQUIRE_MESSAGE(number_of(parse(answer), "failed") == 0, answer.body);
}

raw_response world::token(unsigned instance, std::string const& query, std::string const& headers) {
  auto response = call("GET", instance_path(instance) + "/token" + query, {}, headers);
  if (response.status == 200 && response.header("content-type").starts_with("application/json")) {
    remember_secret(text(parse(response), "access_token"));
  }
  return response;
}

json::value world::warm_token(unsigned instance) {
  auto const response = token(instance, "?wait=20");
  REQUIRE_MESSAGE(response.status == 200, response.body);
  return parse(response);
}

std::string world::control_text(std::string const& method, std::string const& path,
                                std::string const& body) {
  auto client = raw_client::tcp(http_port_);
  auto const type = body.empty() ? "" : "Content-Type: application/json\r\n";
  auto response = client.request(method, "/__control/" + path, body, type);
  REQUIRE_MESSAGE(response.status / 100 == 2, path << ": " << response.body);
  return std::move(response.body);
}

json::value world::control(std::string const& method, std::string const& path,
                           std::string const& body) {
  raw_response answer;
  answer.body = control_text(method, path, body);
  return answer.body.empty() ? json::value{} : parse(answer);
}

std::uint64_t world::requests(std::string const& route) {
  auto const seen = control("GET", "counters?limit=1");
  auto const& one = member(member(seen, "routes"), route);
  return static_cast<std::uint64_t>(number_of(one, "requests"));
}

void world::script(std::string const& faults) {
  control("DELETE", "faults");
  if (!faults.empty()) control("POST", "faults", faults);
}

std::uint64_t world::mints(unsigned instance) {
  auto const seen = control("GET", "instances/" + instance_text(instance));
  return static_cast<std::uint64_t>(number_of(seen, "mints"));
}

std::uint64_t world::mints() {
  return static_cast<std::uint64_t>(number_of(control("GET", "counters"), "mints"));
}

json::value const& member(json::value const& object, std::string_view name) {
  auto const* const found = object.is_object() ? object.get_object().if_contains(name) : nullptr;
  REQUIRE_MESSAGE(found != nullptr, "there is no member " << std::string{name});
  return *found;
}

std::string text(json::value const& object, std::string_view name) {
  return std::string{member(object, name).as_string()};
}

std::int64_t number_of(json::value const& object, std::string_view name) {
  return member(object, name).to_number<std::int64_t>();
}

json::value parse(raw_response const& response) {
  boost::system::error_code ec;
  auto parsed = json::parse(response.body, ec);
  REQUIRE_MESSAGE(!ec, "not JSON: " << response.body);
  return parsed;
}

}  // namespace wixtokend::test
