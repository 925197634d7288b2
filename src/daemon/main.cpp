// wixtokend: parse the command line, do what it says, end with a documented exit code.

#include "daemon/access_text.hpp"
#include "daemon/command_line.hpp"
#include "daemon/config_file.hpp"
#include "daemon/daemon.hpp"
#include "daemon/forecast.hpp"
#include "daemon/healthcheck.hpp"
#include "daemon/keygen.hpp"
#include "daemon/process_setup.hpp"
#include "daemon/service_manager.hpp"
#include "daemon/startup_error.hpp"
#include "daemon/store_text.hpp"
#include "daemon/upstreams.hpp"
#include "daemon/version.hpp"
#include "net/peer.hpp"
#include "observe/log.hpp"
#include "store/backup.hpp"
#include "store/store_report.hpp"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <utility>
#include <variant>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;

std::string environment(char const* name) {
  char const* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no threads yet
  return value == nullptr ? std::string{} : std::string{value};
}

// The protocols of systemd want their variables gone: no child shall take them for its own.
std::string taken_from_environment(char const* name) {
  auto value = environment(name);
  ::unsetenv(name);  // NOLINT(concurrency-mt-unsafe): no threads yet
  return value;
}

manager_variables take_manager_variables() {
  manager_variables out;
  out.notify_socket = taken_from_environment("NOTIFY_SOCKET");
  out.watchdog_usec = taken_from_environment("WATCHDOG_USEC");
  out.watchdog_pid = taken_from_environment("WATCHDOG_PID");
  out.listen_pid = taken_from_environment("LISTEN_PID");
  out.listen_fds = taken_from_environment("LISTEN_FDS");
  out.listen_fdnames = taken_from_environment("LISTEN_FDNAMES");
  return out;
}

bool writes_to_journal() {
  return is_journal(environment("JOURNAL_STREAM"), STDERR_FILENO);
}

observe::log_format format_of(log_settings const& log) {
  if (log.format) return *log.format;
  return writes_to_journal() ? observe::log_format::journald : observe::log_format::text;
}

// The journal takes a line without a priority for information (sd-daemon(3)).
char const* error_mark() {
  return writes_to_journal() ? "<3>" : "";
}

// All errors, one a line; the last line says what follows from them.
[[noreturn]] void refuse(std::string const& file, std::vector<config_problem> const& errors) {
  constexpr std::size_t shown_max = 50;
  for (std::size_t i = 0; i < errors.size() && i < shown_max; ++i) {
    std::cerr << error_mark() << to_text(file, errors[i]) << '\n';
  }
  auto const count = std::to_string(errors.size()) + (errors.size() == 1 ? " error" : " errors");
  throw startup_error{
      exit_code::configuration,
      count + " in " + file + (errors.size() > shown_max ? ", the first 50 are shown" : "")};
}

// Proxy variables in lower case go first, as with curl.
std::string environment(char const* lower_case, char const* upper_case) {
  auto value = environment(lower_case);
  return value.empty() ? environment(upper_case) : value;
}

surroundings process_surroundings() {
  return {environment("CREDENTIALS_DIRECTORY"), environment("https_proxy", "HTTPS_PROXY"),
          environment("no_proxy", "NO_PROXY"), net::read_overflow_ids()};
}

configuration load(std::string const& file, std::vector<config_problem>& warnings,
                   referred_files files = referred_files::read) {
  auto loaded = load_configuration(file, process_surroundings(), files);
  if (!loaded.errors.empty()) refuse(file, loaded.errors);
  warnings = std::move(loaded.warnings);
  return std::move(loaded.settings);
}

exit_code act(run_action const& run) {
  prepare_process();
  auto const started_by = take_manager_variables();
  std::vector<config_problem> warnings;
  auto settings = load(run.config_file, warnings);
  auto const log = observe::make_stderr_logger(settings.log.level, format_of(settings.log));
  for (auto const& one : warnings) {
    log->warning("configuration_warning", {{"problem", to_text(run.config_file, one)}});
  }
  auto const around = process_surroundings();  // read once: reloads go by what systemd set
  configuration_source source{run.config_file, [file = run.config_file, around] {
                                return load_configuration(file, around);
                              }};
  if (settings.process.lock_memory) lock_memory();
  run_daemon(std::move(settings), std::move(source), started_by, *log);
  return exit_code::clean;
}

void require_store(configuration const& settings, std::string const& file) {
  if (!settings.store.file.empty()) return;
  throw startup_error{exit_code::configuration, file + " names no store: set store.file"};
}

exit_code check_store(store_settings const& settings) {
  auto const report = store::verify(settings.file, settings.keys);
  std::cout << to_text(settings.file, report, settings.keys);
  return report.problems.empty() ? exit_code::clean : exit_code::store;
}

exit_code act(check_action const& check) {
  prepare_process();
  std::vector<config_problem> warnings;
  auto const settings = load(check.config_file, warnings);
  for (auto const& one : warnings) {
    std::cout << "warning: " << to_text(check.config_file, one) << '\n';
  }
  static_cast<void>(load_trust(settings.apps));  // throws if a ca_file is of no use
  std::cout << check.config_file << ": valid\n"
            << to_text(forecast_load(settings, core::engine_policy{})) << access_text(settings);
  if (!check.store) return exit_code::clean;
  require_store(settings, check.config_file);
  return check_store(settings.store);
}

exit_code act(keygen_action const& keygen) {
  prepare_process();
  make_key(keygen.file);
  return exit_code::clean;
}

// Neither secrets nor keys are needed, so it works without the daemon's credentials.
exit_code act(backup_action const& backup) {
  prepare_process();
  std::vector<config_problem> warnings;
  auto const settings = load(backup.config_file, warnings, referred_files::left);
  require_store(settings, backup.config_file);
  auto const& file = settings.store.file;
  if (auto const failed = store::backup(file, backup.destination)) {
    throw startup_error{exit_code::store, failed->text};
  }
  std::cout << backup.destination << ": copy of " << file
            << "; it is of use only with the key file, which must be kept, too\n";
  return exit_code::clean;
}

exit_code act(healthcheck_action const& healthcheck) {
  auto const health = check_health(healthcheck);
  (health.good ? std::cout : std::cerr) << health.text << '\n';
  return health.good ? exit_code::clean : exit_code::unhealthy;
}

exit_code act(version_action const&) {
  std::cout << "wixtokend " << version() << '\n';
  return exit_code::clean;
}

exit_code act(print_action const& print) {
  (print.code == exit_code::clean ? std::cout : std::cerr) << print.text;
  return print.code;
}

}  // namespace

int main(int argc, char** argv) try {
  auto const what = parse_command_line(argc, argv);
  return static_cast<int>(std::visit([](auto const& one) { return act(one); }, what));
} catch (startup_error const& error) {
  std::cerr << error_mark() << "wixtokend: " << error.what() << '\n';
  return static_cast<int>(error.code());
} catch (std::exception const& error) {
  std::cerr << error_mark() << "wixtokend: internal error: " << error.what() << '\n';
  return static_cast<int>(exit_code::internal);
}
