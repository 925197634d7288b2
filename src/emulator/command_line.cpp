#include "emulator/command_line.hpp"

#include "base/text.hpp"

#include <CLI/CLI.hpp>
#include <arpa/inet.h>

#include <utility>

namespace wixtokend::emulator {
namespace {

constexpr auto about =
    "A local stand-in for the Wix OAuth 2 API, with fault scripts and counters.\n"
    "Prints one line of JSON with its ports when it is ready; docs/emulator.md tells the rest.";

// The arguments as text, before they are checked.
struct raw_options {
  std::string https;
  std::string http;
  std::vector<std::string> apps;
  std::vector<std::string> instances;
  std::string certificate = "good";
  std::string level = "info";
};

void declare(CLI::App& cli, raw_options& raw, options& into) {
  cli.add_option("--https", raw.https,
                 "Serve HTTPS here, such as 127.0.0.1:0 (port 0: any free one)");
  cli.add_option("--http", raw.http,
                 "Serve plain HTTP here. Without --https and --http: both, on "
                 "127.0.0.1:0");
  cli.add_option("--ca-out", into.ca_out,
                 "Write the throw-away authority's certificate to this file");
  cli.add_option("--certificate", raw.certificate, "good, wrong-host, expired or untrusted");
  cli.add_option("--app", raw.apps,
                 "APP_ID:SECRET_FILE, repeatable; without it a demo app is known")
      ->allow_extra_args(false);
  cli.add_option("--instance", raw.instances, "Install this instance of the first app, repeatable")
      ->allow_extra_args(false);
  cli.add_flag("--instances-listed-only", into.instances_listed_only,
               "Only installed instances exist; else every instance but the nil one is installed");
  cli.add_option("--expires-in", into.expires_in, "Life of tokens in seconds (default 14400)");
  cli.add_option("--settings", into.settings_file, "Start with the settings in this JSON file");
  cli.add_option("--seed", into.seed, "Start of serial numbers and random latencies");
  cli.add_flag("--open-control", into.open_control,
               "Serve the control API on addresses other than loopback too: to everybody");
  cli.add_option("--log-level", raw.level, "trace, debug, info, warning or error");
}

std::optional<std::string> check_listeners(raw_options const& raw, options& into) {
  if (raw.https.empty() && raw.http.empty()) {
    into.https = into.http = endpoint{"127.0.0.1", 0};
    return std::nullopt;
  }
  for (auto const& [text, where] :
       {std::pair{&raw.https, &into.https}, std::pair{&raw.http, &into.http}}) {
    if (text->empty()) continue;
    *where = parse_endpoint(*text);
    if (!where->has_value()) return *text + " is not of the form 127.0.0.1:8080";
  }
  return std::nullopt;
}

std::optional<std::string> check_apps(raw_options const& raw, options& into) {
  for (auto const& text : raw.apps) {
    auto const colon = text.find(':');
    auto const id = instance_id::parse(text.substr(0, colon));
    if (!id.has_value() || colon == std::string::npos || colon + 1 == text.size()) {
      return "--app " + text + " is not of the form APP_ID:SECRET_FILE, with a GUID as the id";
    }
    into.apps.push_back({id->to_string(), text.substr(colon + 1)});
  }
  for (auto const& text : raw.instances) {
    auto const id = instance_id::parse(text);
    if (!id.has_value()) return "--instance " + text + " is not a GUID";
    into.instances.push_back(*id);
  }
  return std::nullopt;
}

// What is wrong with the arguments, if something is.
std::optional<std::string> check(raw_options const& raw, options& into) {
  auto mistake = check_listeners(raw, into);
  if (!mistake.has_value()) mistake = check_apps(raw, into);
  if (mistake.has_value()) return mistake;

  auto const flaw = certificate_named(raw.certificate);
  if (!flaw.has_value()) return "--certificate is good, wrong-host, expired or untrusted";
  into.certificate = *flaw;
  if (into.ca_out.has_value() && !into.https.has_value())
    return "--ca-out is of no use without --https";
  if (!observe::parse_log_level(raw.level, into.level)) {
    return "--log-level is trace, debug, info, warning or error";
  }
  return std::nullopt;
}

}  // namespace

command_line read_command_line(int count, char const* const* arguments) {
  CLI::App cli{about, "wix-oauth-emulator"};
  raw_options raw;
  options chosen;
  declare(cli, raw, chosen);
  try {
    cli.parse(count, arguments);
    auto const mistake = check(raw, chosen);
    if (mistake.has_value()) throw CLI::ValidationError{*mistake};
  } catch (CLI::ParseError const& stopped) {
    return {std::nullopt, cli.exit(stopped) == 0 ? 0 : 2};
  }
  return {std::move(chosen), 0};
}

std::optional<endpoint> parse_endpoint(std::string const& text) {
  auto const colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  auto const port = parse_decimal(std::string_view{text}.substr(colon + 1), 65535);
  auto address = text.substr(0, colon);
  bool const bracketed = address.starts_with('[') && address.ends_with(']');
  if (bracketed) address = address.substr(1, address.size() - 2);

  in6_addr six{};
  in_addr four{};
  bool const numeric = bracketed ? ::inet_pton(AF_INET6, address.c_str(), &six) == 1
                                 : ::inet_pton(AF_INET, address.c_str(), &four) == 1;
  if (!numeric || !port.has_value()) return std::nullopt;
  return endpoint{std::move(address), static_cast<std::uint16_t>(*port)};
}

bool is_loopback(endpoint const& where) {
  in_addr four{};
  if (::inet_pton(AF_INET, where.address.c_str(), &four) == 1)
    return ntohl(four.s_addr) >> 24U == 127;
  in6_addr six{};
  if (::inet_pton(AF_INET6, where.address.c_str(), &six) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&six) != 0;
}

}  // namespace wixtokend::emulator
