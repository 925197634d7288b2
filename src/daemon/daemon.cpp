#include "daemon/daemon.hpp"

#include "api/server.hpp"
#include "async/system_time.hpp"
#include "async/task_group.hpp"
#include "async/with_deadline.hpp"
#include "core/engine.hpp"
#include "daemon/audit_opening.hpp"
#include "daemon/duration_text.hpp"
#include "daemon/exit_code.hpp"
#include "daemon/file_watch.hpp"
#include "daemon/grace_period.hpp"
#include "daemon/listeners.hpp"
#include "daemon/part_settings.hpp"
#include "daemon/process_setup.hpp"
#include "daemon/pulse.hpp"
#include "daemon/reload_check.hpp"
#include "daemon/reloading.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/signals.hpp"
#include "daemon/startup_error.hpp"
#include "daemon/status_line.hpp"
#include "daemon/store_opening.hpp"
#include "daemon/upstreams.hpp"
#include "daemon/version.hpp"
#include "service/grant_book.hpp"
#include "service/persistence.hpp"
#include "service/registrar.hpp"
#include "service/token_service.hpp"
#include "store/sqlite_store.hpp"
#include "wix/webhook.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

namespace wixtokend::daemon {
namespace {

using namespace std::chrono_literals;

constexpr duration grace_check_interval = 100ms;
constexpr duration answer_time_max = 2s;  // for requests in progress, once accepting has ended
constexpr duration file_change_pause = 300ms;
constexpr duration write_time_max = 5s;  // for what is not on the disk yet, at the end
constexpr duration stop_time_max = 30s;  // all that comes after the grace, and closing the store

void warn_of_few_descriptors(configuration const& settings, observe::logger& log) {
  std::size_t needed = settings.limits.connections + settings.sockets.size() + 32;
  for (auto const& app : settings.apps) needed += app.policy.in_flight_max;
  auto const limit = raise_descriptor_limit();
  if (limit >= needed) return;
  log.warning("descriptor_limit_low",
              {{"limit", std::to_string(limit)},
               {"needed", std::to_string(needed)},
               {"advice", "raise LimitNOFILE, or lower limits.connections"}});
}

// Those of the configuration. What a store knows to be registered stays as the store knows it: a
// restart is no reason to forget that the upstream refuses an instance, or has removed it.
void register_instances(configuration const& settings, core::engine const& engine, instant now,
                        service::registrar& registrar) {
  for (std::size_t i = 0; i < settings.apps.size(); ++i) {
    for (auto const& id : settings.apps[i].instances) {
      instance_key const key{static_cast<app_number>(i), id};
      auto const seen = engine.view(key, now);
      if (seen && seen->registered) continue;
      if (registrar.add_now(key, {}) != service::registration_outcome::full) continue;
      throw startup_error{exit_code::configuration,
                          "limits.max_instances is " +
                              std::to_string(settings.limits.max_instances) +
                              ", which the store and the configuration's own instances exceed "
                              "together: the store has " +
                              std::to_string(engine.size()) + ": raise it"};
    }
  }
}

void log_start(configuration const& settings, std::vector<open_socket> const& listeners,
               observe::logger& log) {
  std::string apps;
  std::string sockets;
  std::size_t instances = 0;
  for (auto const& app : settings.apps) {
    apps += (apps.empty() ? "" : ",") + app.name + '@' + app.server.to_string();
    instances += app.instances.size();
  }
  for (auto const& socket : listeners) sockets += (sockets.empty() ? "" : ",") + socket.path;
  auto const& where = settings.metrics.listen;
  log.info("daemon_started", {{"version", std::string{version()}},
                              {"pid", std::to_string(::getpid())},
                              {"apps", apps},
                              {"sockets", sockets},
                              {"metrics", where ? to_text(*where) : "-"},
                              {"instances", std::to_string(instances)}});
}

void serve_on(api::server& server, std::vector<open_socket>& listeners,
              std::vector<socket_settings> const& settings) {
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    server.listen(std::move(listeners[i].listener),
                  {settings[i].name, settings[i].roles, static_cast<std::uint16_t>(i)});
  }
}

void log_clock_step(observe::logger& log, duration forward) {
  log.warning("clock_stepped", {{"forward", format_duration(forward)},
                                {"next", "counted as time passed; what has ended is minted anew"}});
}

// An exception that leaves a coroutine is a bug; it leaves `run()`, too.
void rethrow(std::exception_ptr failure) {
  std::rethrow_exception(std::move(failure));
}

// Everything that runs, as the life of the process needs it.
struct running {
  time_source& time;
  signals& stop_signals;
  core::engine const& engine;
  service::token_service& service;
  service::persistence& state;
  api::server& server;
  reloading& configuration;
  observe::audit_log* audit;  ///< none: hand-outs are not recorded
  file_watch& files;
  task_group& followers;  ///< of the files
  service_manager& manager;
  task_group& pulse;  ///< for the manager
  observe::logger& log;
};

std::string status_of(running const& all) {
  auto const now = all.time.now();
  std::vector<app_state> apps;
  for (auto const& app : all.configuration.in_force().apps) {
    auto const number = static_cast<app_number>(apps.size());
    apps.push_back({app.name, all.engine.app_view_at(number, now)});
  }
  return status_line(apps, now, all.configuration.refusal());
}

// A signal that is not to stop it: the configuration is loaded again, and the audit log, which may
// have been renamed for that, is opened anew whatever comes of it.
void reload(running& all) {
  all.manager.reloading();
  if (all.audit != nullptr) all.audit->reopen();
  all.configuration.reload();
  all.manager.ready(status_of(all));
}

task<> until_told_to_stop(running& all) {
  for (;;) {
    auto const event = co_await all.stop_signals.next();
    if (!event.has_value()) throw boost::system::system_error{event.error(), "signals"};
    if (*event == signal_event::stop) co_return;
    reload(all);
  }
}

// Serves on for a while, not ready, so that those who send requests here can turn elsewhere.
task<> serve_out_grace(running& all, duration length) {
  grace_period grace{all.time.now(), length};
  auto const& server = all.server;
  while (!grace.over(all.time.now(), {server.connections(), server.connections_served()})) {
    auto const limit = all.time.now() + grace_check_interval;
    auto waiting = all.stop_signals.next();
    auto const event = co_await with_deadline(all.time, limit, std::move(waiting));
    if (!event.has_value()) continue;
    if (*event == signal_event::stop) co_return;
    reload(all);
  }
}

// Kubernetes and people change a file in several steps: it is looked at when they have ended.
task<> follow_files(running all) {
  for (;;) {
    auto const unwatched = all.files.watch(watched_files(all.configuration.in_force()));
    for (auto const& one : unwatched) {
      all.log.warning("folder_not_watched",
                      {{"folder", one}, {"next", "send SIGHUP after a change of its files"}});
    }
    auto const changed = co_await all.files.next();
    if (!changed.has_value()) co_return;
    co_await all.time.sleep_until(all.time.now() + file_change_pause);
    all.configuration.look_at_secrets();
  }
}

task<> live(running all) {
  using namespace asio::experimental::awaitable_operators;
  all.manager.ready(status_of(all));  // the loop turns, and the sockets are served
  co_await until_told_to_stop(all);
  auto const grace = all.configuration.in_force().process.shutdown_grace;
  all.manager.stopping("stopping", grace + stop_time_max);
  all.log.info("daemon_stopping", {{"grace", format_duration(grace)},
                                   {"connections", std::to_string(all.server.connections())}});
  all.server.announce_stop();
  co_await serve_out_grace(all, grace);

  all.followers.stop();
  co_await all.followers.join();

  // Accepting ends first; then the waiters are answered, so that their connections can end.
  auto closing = all.server.stop(answer_time_max);
  auto answering = all.service.stop();
  co_await (std::move(closing) && std::move(answering));

  // Nothing changes any more.
  auto writing = all.state.stop(write_time_max);
  co_await std::move(writing);
  all.pulse.stop();
  co_await all.pulse.join();
}

}  // namespace

void run_daemon(configuration settings, configuration_source source,
                manager_variables const& started_by, observe::logger& log) {
  warn_of_few_descriptors(settings, log);
  service_manager manager{started_by, ::getpid(), log};
  auto const inherited = inherited_sockets(started_by, ::getpid());
  auto const seed = random_seed();

  // Time and signals.
  event_loop loop{1};
  system_time time{loop};
  time.when_stepped([&log](duration forward) { log_clock_step(log, forward); });
  signals stop_signals{loop};

  // The upstream.
  auto trust = load_trust(settings.apps);
  auto upstreams = make_upstreams(loop, time, settings.apps, trust, log);

  // The domain, and what runs it. The store outlives all that writes to it.
  std::unique_ptr<store::sqlite_store> disk;
  auto const started = static_cast<std::uint64_t>(time.wall_now().time_since_epoch().count());
  core::engine engine{engine_policy_of(settings), policies_of(settings.apps), seed, started};
  service::grant_book grants{random_fingerprint_key()};
  service::persistence state{loop, time, engine, grants, log};
  service::token_service service{loop, time, state, bindings_of(settings.apps, upstreams), log};
  service::registrar registrar{time, state, service, settings.store.allow_volatile};
  disk = open_store(loop, time, settings, {engine, registrar, state, manager}, log);
  register_instances(settings, engine, time.now(), registrar);

  // The local API.
  auto policy = policy_of(settings);
  auto verifiers = verifiers_of(settings.apps);
  auto const audit = open_audit(settings, log);
  auto served = api_settings_of(settings, verifiers, seed);
  served.audit = audit.get();
  api::server server{loop, registrar, policy, log, std::move(served)};
  auto listeners = open_listeners(loop, settings.sockets, inherited);
  if (auto const& where = settings.metrics.listen) {
    server.listen(open_metrics_listener(loop, *where), "metrics");
  }

  state.start();
  service.start();
  serve_on(server, listeners, settings.sockets);
  log_start(settings, listeners, log);

  reload_targets const targets{engine, registrar, upstreams, verifiers, policy, server};
  reloading reloads{std::move(settings), std::move(source), targets, log};
  file_watch files{loop};
  task_group life{loop.get_executor(), rethrow};
  task_group followers{loop.get_executor(), rethrow};
  task_group pulse{loop.get_executor(), rethrow};
  running const all{time,        stop_signals, engine,    service, state, server, reloads,
                    audit.get(), files,        followers, manager, pulse, log};
  followers.spawn(follow_files(all));
  pulse.spawn(keep_pulse(time, manager, [all] { return status_of(all); }));
  life.spawn(live(all));
  try {
    loop.run();
  } catch (std::exception const& error) {
    // Whatever is still running must not be destroyed under its own feet.
    log.error("internal_error", {{"reason", error.what()}, {"next", "the process ends at once"}});
    std::_Exit(static_cast<int>(exit_code::internal));
  }
  log.info("daemon_stopped", {});
}

}  // namespace wixtokend::daemon
