#include "emulator/program.hpp"

#include "async/system_time.hpp"
#include "emulator/files.hpp"
#include "emulator/server.hpp"

#include <boost/asio/basic_signal_set.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <sys/resource.h>

#include <csignal>
#include <exception>
#include <iostream>
#include <random>
#include <stdexcept>
#include <utility>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;
using signals = asio::basic_signal_set<executor>;

[[noreturn]] void fail(std::string const& doing, error_code reason) {
  throw std::runtime_error{describe(doing, reason)};
}

std::vector<app> load_apps(options const& chosen) {
  std::vector<app> apps;
  for (auto const& [id, file] : chosen.apps) {
    auto key = read_secret_file(file);
    if (!key.has_value()) fail("while reading the app secret in " + file, key.error());
    apps.push_back(app{id, *std::move(key)});
  }
  if (apps.empty()) apps.push_back(app{std::string{demo_app_id}, secret{demo_app_secret}});
  return apps;
}

settings load_settings(options const& chosen) {
  settings knobs;
  if (chosen.settings_file.has_value()) {
    auto const text = read_file(*chosen.settings_file);
    if (!text.has_value()) fail("while reading " + *chosen.settings_file, text.error());
    auto const changed = changed_settings(knobs, text->reveal());
    if (!changed.has_value()) {
      throw std::runtime_error{*chosen.settings_file + ": " + changed.error().why};
    }
    knobs = *changed;
  }
  if (chosen.expires_in.has_value()) {
    auto const text = R"({"expires_in":)" + std::to_string(*chosen.expires_in) + "}";
    auto const changed = changed_settings(knobs, text);
    if (!changed.has_value()) throw std::runtime_error{"--expires-in: " + changed.error().why};
    knobs = *changed;
  }
  knobs.instances_listed_only = knobs.instances_listed_only || chosen.instances_listed_only;
  return knobs;
}

std::uint64_t random_seed() {
  std::random_device source;
  return (std::uint64_t{source()} << 32U) | source();
}

std::unique_ptr<net::tls_server_context> make_tls(options const& chosen, upstream_state& state,
                                                  wall_time now) {
  auto made = make_certificates(chosen.certificate, now);
  auto context = net::tls_server_context::create(made.server, made.key);
  wipe(made.key);
  if (!context.has_value()) fail("while loading the server certificate", context.error());
  if (chosen.ca_out.has_value()) {
    auto const written = write_public_file(*chosen.ca_out, made.authority);
    if (!written.has_value()) fail("while writing " + *chosen.ca_out, written.error());
  }
  state.authority_pem = std::move(made.authority);
  return *std::move(context);
}

// As many connections as the system grants without being asked.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// Listens where the options say. @returns the port, as JSON: null without that listener.
json::value listen(server& served, std::optional<endpoint> const& where,
                   net::tls_server_context* certificate, bool open_control, observe::logger& log) {
  if (!where.has_value()) return nullptr;
  bool const control = open_control || is_loopback(*where);
  auto const port = served.listen(where->address, where->port, certificate, control);
  if (!port.has_value()) fail("while listening on " + where->address, port.error());
  if (!is_loopback(*where)) {
    log.warning("not_loopback",
                {{"address", where->address},
                 {"control", control ? "open to everybody who can connect" : "refused"}});
  }
  return *port;
}

task<> serve_until(signals& stop, server& served, observe::logger& log) {
  auto const [failure, number] = co_await stop.async_wait(use_task_tuple);
  log.info("stopping", {{"signal", std::to_string(number)}});
  co_await served.stop();
}

}  // namespace

int run_program(options const& chosen) {
  event_loop loop{1};
  system_time time{loop};
  auto const log = observe::make_stderr_logger(chosen.level, observe::log_format::text);
  std::signal(SIGPIPE, SIG_IGN);
  signals stop{loop.get_executor(), SIGINT, SIGTERM};
  raise_descriptor_limit();

  auto const seed = chosen.seed.has_value() ? *chosen.seed : random_seed();
  upstream_state state{load_apps(chosen), load_settings(chosen), seed, time.now()};
  for (auto const& instance : chosen.instances) state.install({app_number{}, instance});
  std::unique_ptr<net::tls_server_context> tls;
  if (chosen.https.has_value()) tls = make_tls(chosen, state, time.wall_now());

  server served{loop, surroundings{state, time, *log}};
  json::object ready;
  ready.emplace("https_port", listen(served, chosen.https, tls.get(), chosen.open_control, *log));
  ready.emplace("http_port", listen(served, chosen.http, nullptr, chosen.open_control, *log));
  ready.emplace("ca_file",
                chosen.ca_out.has_value() ? json::value(*chosen.ca_out) : json::value(nullptr));
  log->info("ready", {{"seed", std::to_string(seed)}});
  std::cout << json::serialize(ready) << std::endl;

  asio::co_spawn(loop, serve_until(stop, served, *log), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(std::move(failure));
  });
  loop.run();
  return 0;
}

}  // namespace wixtokend::emulator
