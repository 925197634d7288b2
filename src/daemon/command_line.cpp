#include "daemon/command_line.hpp"

#include "daemon/config_file.hpp"
#include "daemon/duration_text.hpp"

#include <CLI/CLI.hpp>

namespace wixtokend::daemon {
namespace {

constexpr char const* footer =
    "Exit codes: 0 done, 1 not healthy, 64 wrong command line, 69 socket in use,\n"
    "70 internal error, 71 system error, 73 socket or key file cannot be created,\n"
    "74 store, 78 configuration.";

// CLI11 has no type for ours: the text is checked while it is parsed, and read afterwards.
CLI::Validator duration_validator() {
  return {[](std::string& text) {
            auto const length = parse_duration(text);
            bool const good = length.has_value() && *length > duration{};
            return good ? std::string{} : std::string{"must be a duration such as 2s or 500ms"};
          },
          ""};
}

CLI::App* add_healthcheck(CLI::App& app, healthcheck_action& health, std::string& timeout) {
  auto* const command = app.add_subcommand(
      "healthcheck", "Ask a running daemon whether it is alive; exit code 0: yes, 1: no");
  command->add_option("--socket", health.socket, "Its socket")
      ->type_name("PATH")
      ->capture_default_str();
  command->add_flag("--ready", health.ready, "Ask whether it is ready to serve instead");
  command->add_option("--timeout", timeout, "How long to wait for the answer")
      ->type_name("DURATION")
      ->check(duration_validator())
      ->capture_default_str();
  return command;
}

}  // namespace

action parse_command_line(int argc, char const* const* argv) {
  CLI::App app{"Keeps access tokens of Wix app instances fresh and serves them over a Unix socket.",
               "wixtokend"};
  app.footer(footer);
  app.require_subcommand(0, 1);

  std::string config_file = default_config_file;
  auto const add_config = [&](CLI::App& to) {
    to.add_option("-c,--config", config_file, "The configuration")
        ->type_name("FILE")
        ->capture_default_str();
  };
  add_config(app);
  auto* const run = app.add_subcommand("run", "Serve until SIGTERM or SIGINT (the default)");
  add_config(*run);
  auto* const check = app.add_subcommand("check", "Validate the configuration, forecast the load");
  add_config(*check);
  check_action checking;
  check->add_flag("--store", checking.store, "Read all of the store, too, and say what is in it");

  keygen_action making;
  auto* const keygen = app.add_subcommand("keygen", "Make a new key for the store and print it");
  keygen
      ->add_option("-o,--output", making.file,
                   "Write it into this file instead, which must not exist yet")
      ->type_name("FILE");

  backup_action copying;
  auto* const backup =
      app.add_subcommand("backup", "Copy the store, also while a daemon is using it");
  add_config(*backup);
  backup->add_option("destination", copying.destination, "The copy, which must not exist yet")
      ->type_name("FILE")
      ->required();

  healthcheck_action health{"/run/wixtokend/wixtokend.sock"};
  std::string timeout = format_duration(health.timeout);
  auto* const healthcheck = add_healthcheck(app, health, timeout);
  auto* const version = app.add_subcommand("version", "Print the version");
  bool print_version = false;
  app.add_flag("--version", print_version, "Print the version");

  try {
    app.parse(argc, argv);
  } catch (CLI::CallForHelp const&) {
    // The help of the command that was named, if one was.
    auto const chosen = app.get_subcommands();
    return print_action{chosen.empty() ? app.help() : chosen.front()->help("wixtokend"),
                        exit_code::clean};
  } catch (CLI::ParseError const& error) {
    return print_action{"wixtokend: " + std::string{error.what()} + "; see wixtokend --help\n",
                        exit_code::usage};
  }

  if (print_version || version->parsed()) return version_action{};
  if (check->parsed()) {
    checking.config_file = config_file;
    return checking;
  }
  if (keygen->parsed()) return making;
  if (backup->parsed()) {
    copying.config_file = config_file;
    return copying;
  }
  if (healthcheck->parsed()) {
    health.timeout = *parse_duration(timeout);
    return health;
  }
  return run_action{config_file};
}

}  // namespace wixtokend::daemon
