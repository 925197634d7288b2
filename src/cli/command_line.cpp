#include "cli/command_line.hpp"

#include "base/text.hpp"
#include "cli/seconds_text.hpp"
#include "cli/version.hpp"

#include <CLI/CLI.hpp>
#include <pwd.h>

#include <algorithm>
#include <utility>

namespace wixtokend::cli {
namespace {

constexpr char const* footer =
    "Exit codes: 0 done, 1 not ready (status), 64 wrong command line, 65 invalid id,\n"
    "value or line, 66 file cannot be read, 67 unknown instance or app, 68 refused by\n"
    "Wix, 69 socket missing or not permitted, 70 internal error, 73 conflict with\n"
    "what is stored, 74 output cannot be written, 75 not available now, 76 another\n"
    "program or version answered, 77 denied by the daemon's policy.\n";

using milliseconds = std::chrono::milliseconds;

constexpr milliseconds top_timeout{2'000};

// CLI11 has no type for lengths of time: the text is read while it is checked.
CLI::Option* add_length(CLI::App& to, std::string const& name, milliseconds& into,
                        std::string const& help) {
  return to
      .add_option_function<std::string>(
          name,
          [&into, name](std::string const& text) {
            auto const length = parse_length(text);
            if (!length) {
              throw CLI::ValidationError{name, "must be a length of time such as 30s or 500ms"};
            }
            into = *length;
          },
          help)
      ->type_name("TIME")
      ->take_last();
}

// The id of a user by number or name.
std::uint32_t user_id(std::string const& text) {
  if (auto const number = parse_decimal(text, UINT32_MAX - 1); number.has_value()) {
    return static_cast<std::uint32_t>(*number);
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): there are no threads
  if (auto const* const found = ::getpwnam(text.c_str())) return found->pw_uid;
  throw CLI::ValidationError{"--owner", "there is no user " + wixtokend::quoted(text)};
}

// All that the command line can say, before it is known which command it is.
struct parsed {
  invocation out{print_command{}};
  milliseconds min_valid{0};
  token_command get{};
  token_command header{};
  watch_command watch{};
  reject_command reject{};
  std::string generation;
  list_command list{};
  add_command add{};
  import_command import{};
  instances_command show{instance_action::show, {}};
  instances_command remove{instance_action::remove, {}};
  instances_command retry{instance_action::retry, {}};
  instances_command restore{instance_action::restore, {}};
  top_command top{};
  bool no_color = false;
  bool version = false;
};

CLI::App* add_sub(CLI::App& app, std::string const& name, std::string const& help) {
  auto* const sub = app.add_subcommand(name, help);
  sub->fallthrough();  // what all have in common may stand behind the command as well
  return sub;
}

void add_common(CLI::App& app, parsed& p) {
  auto& daemon = p.out.daemon;
  app.add_option("--socket", daemon.socket, "Else WIXTOKEN_SOCKET")
      ->type_name("PATH")
      ->take_last()
      ->capture_default_str();
  app.add_option("--app", daemon.app, "Its name in the configuration; else the first")
      ->type_name("NAME")
      ->take_last();
  app.add_option_function<std::vector<std::string>>(
         "--owner",
         [&daemon](std::vector<std::string> const& users) {
           for (auto const& one : users) daemon.owners.push_back(user_id(one));
         },
         "Talk only to a process of this user, or these")
      ->type_name("USER")
      ->allow_extra_args(false);
  add_length(app, "--timeout", daemon.timeout, "How long a call may take (10s)");
  add_length(app, "--wait", p.out.wait_for_socket, "Wait so long for a socket that is not there");
  app.add_flag("--json", p.out.json, "Print JSON, errors too");
  app.add_flag("--no-color", p.no_color, "No colours; as with NO_COLOR or TERM=dumb");
}

void add_token_commands(CLI::App& app, parsed& p) {
  for (auto* const one : {&p.get, &p.header}) {
    bool const header = one == &p.header;
    auto* const sub = header ? add_sub(app, "header", "Print a token as `Authorization: Bearer …`")
                             : add_sub(app, "get", "Print a usable token");
    one->header = header;
    sub->add_option("instance", one->instance, "The instance's id")->required()->type_name("ID");
    add_length(*sub, "--min-valid", p.min_valid, "It must be usable for so long");
    sub->add_flag("!--no-wait", one->wait, "Do not wait for a token if there is none");
  }
  auto* const watch = add_sub(app, "watch", "Print a line for each new token; never the token");
  watch->add_option("instance", p.watch.instance, "The instance's id")->required()->type_name("ID");
  watch->add_option("--count", p.watch.count, "End after so many lines")->type_name("N");

  auto* const reject = add_sub(app, "reject", "Report a token that an API has refused");
  reject->add_option("instance", p.reject.instance, "The instance's id")
      ->required()
      ->type_name("ID");
  auto* const generation =
      reject->add_option("--generation", p.generation, "Which one; else the present one")
          ->type_name("N");
  auto* const file = reject
                         ->add_option("--token-file", p.reject.token_file,
                                      "A file with the token itself; - is standard input")
                         ->type_name("FILE");
  auto* const drop = reject->add_flag("--drop", p.reject.drop,
                                      "Drop the token at once for everybody: it has leaked");
  generation->excludes(file)->excludes(drop);
  file->excludes(drop);
}

void add_instance_commands(CLI::App& app, parsed& p) {
  auto* const list = add_sub(app, "list", "List instances");
  list->add_option("--state", p.list.state, "Only those in this state")
      ->check(CLI::IsMember({"cold", "warm", "stale", "blocked", "app_refused", "idle"}));
  list->add_option("--limit", p.list.limit, "End after so many")->type_name("N");

  auto const with_ids = [&app](std::string const& name, std::string const& help,
                               std::vector<std::string>& into) {
    auto* const sub = add_sub(app, name, help);
    sub->add_option("instances", into, "Their ids")->required()->type_name("ID");
    return sub;
  };
  with_ids("show", "Show what is known of instances", p.show.instances);
  with_ids("remove", "Forget instances, with all that is stored of them", p.remove.instances);
  with_ids("retry", "Try blocked or failing instances at once", p.retry.instances);
  with_ids("restore", "Bring back the refresh tokens of removed instances", p.restore.instances);

  auto* const add =
      with_ids("add", "Register instances: their tokens are kept warm", p.add.instances);
  auto* const token = add->add_option("--refresh-token-file", p.add.refresh_token_file,
                                      "A file with its refresh token; - is standard input")
                          ->type_name("FILE");
  auto* const code = add->add_option("--code-file", p.add.code_file,
                                     "A file with its authorization code; - is standard input")
                         ->type_name("FILE");
  auto* const plain = add->add_flag("--client-credentials", p.add.client_credentials,
                                    "With the app's secret alone");
  add->add_flag("--replace", p.add.replace, "Also in place of a stored refresh token, for good");
  token->excludes(code)->excludes(plain);
  code->excludes(plain);

  auto* const import = add_sub(app, "import", "Register many instances");
  import
      ->add_option(
          "file", p.import.file,
          "A line for each: an id; an id and a refresh token; or JSON. - is standard input")
      ->required()
      ->type_name("FILE");
  import->add_flag("--replace", p.import.replace, "Also in place of stored refresh tokens");
}

void add_status_commands(CLI::App& app, parsed& p) {
  add_sub(app, "status", "How the daemon does; exit code 1: it is not ready");
  auto* const top = add_sub(app, "top", "How the daemon does, live; q ends it");
  add_length(*top, "--interval", p.top.interval, "Look so often (2s)");
  top->add_flag("--once", p.top.once, "Print it once");
  add_sub(app, "version", "Print the version");
  app.add_flag("--version", p.version, "Print the version");
}

print_command usage(std::string const& what) {
  return {"wixtoken: " + what + "; see wixtoken --help\n", exit_code::usage};
}

// What CLI11 cannot check by itself.
command checked(command what, parsed const& p) {
  if (p.out.daemon.timeout <= milliseconds{0}) return usage("--timeout must be more than 0");
  if (p.top.interval < milliseconds{100}) return usage("--interval must be 100ms or more");
  bool const has_secret = !p.add.refresh_token_file.empty() || !p.add.code_file.empty();
  if (has_secret && p.add.instances.size() > 1) {
    return usage("a refresh token or code is of one instance");
  }
  return what;
}

command chosen(CLI::App const& app, parsed& p) {
  auto const version_text = print_command{p.out.json ? R"({"name":"wixtoken","version":")" +
                                                           std::string{version()} + "\"}\n"
                                                     : "wixtoken " + std::string{version()} + "\n"};
  if (p.version) return version_text;
  auto const subs = app.get_subcommands();
  if (subs.empty()) return usage("a command is needed");
  auto const name = subs.front()->get_name();
  auto const min_valid = std::chrono::ceil<std::chrono::seconds>(p.min_valid);
  p.get.min_valid = p.header.min_valid = min_valid;
  if (name == "get") return p.get;
  if (name == "header") return p.header;
  if (name == "watch") return p.watch;
  if (name == "reject") {
    if (p.generation.empty()) return p.reject;
    auto const number = parse_decimal(p.generation);
    if (!number.has_value()) return usage("--generation must be a number");
    p.reject.generation = *number;
    return p.reject;
  }
  if (name == "list") return p.list;
  if (name == "add") return p.add;
  if (name == "import") return p.import;
  if (name == "show") return p.show;
  if (name == "remove") return p.remove;
  if (name == "retry") return p.retry;
  if (name == "restore") return p.restore;
  if (name == "status") return status_command{};
  if (name == "top") {
    p.top.app = p.out.daemon.app;
    // Keys are not looked at while a call is under way.
    if (app.count("--timeout") == 0) p.out.daemon.timeout = top_timeout;
    return p.top;
  }
  return version_text;
}

}  // namespace

invocation parse_command_line(std::vector<std::string> arguments, std::string const& socket) {
  CLI::App app{"Asks wixtokend for access tokens of Wix app instances, and tends them.",
               "wixtoken"};
  app.footer(footer);
  app.require_subcommand(0, 1);
  parsed p;
  p.out.daemon.socket = socket;
  p.out.daemon.reconnect_for = milliseconds{0};
  add_common(app, p);
  add_token_commands(app, p);
  add_instance_commands(app, p);
  add_status_commands(app, p);

  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (CLI::CallForHelp const&) {
    auto const subs = app.get_subcommands();
    p.out.what = print_command{subs.empty() ? app.help() : subs.front()->help("wixtoken")};
    return std::move(p.out);
  } catch (CLI::ParseError const& error) {
    p.out.what = usage(error.what());
    return std::move(p.out);
  }
  p.out.colour = !p.no_color;
  p.out.what = checked(chosen(app, p), p);
  return std::move(p.out);
}

}  // namespace wixtokend::cli
