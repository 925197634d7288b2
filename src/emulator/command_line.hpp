#pragma once
// The command line of wix-oauth-emulator.

#include "base/instance_id.hpp"
#include "emulator/certificates.hpp"
#include "emulator/settings.hpp"
#include "observe/log.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::emulator {

/// Where to listen.
struct endpoint {
  std::string address;  ///< numeric; IPv6 without brackets
  std::uint16_t port = 0;

  friend bool operator==(endpoint const&, endpoint const&) = default;
};

/// An app as the command line names it.
struct app_option {
  std::string id;
  std::string secret_file;

  friend bool operator==(app_option const&, app_option const&) = default;
};

/// The app that is known when no other is named: `--app` takes its place. Obviously no real one.
inline constexpr std::string_view demo_app_id = "11111111-1111-4111-8111-111111111111";
inline constexpr std::string_view demo_app_secret = "demo-secret-of-the-emulator";

/// What the command line asks for, checked as far as it can be without touching a file.
struct options {
  std::optional<endpoint> https;
  std::optional<endpoint> http;
  std::optional<std::string> ca_out;
  certificate_flaw certificate = certificate_flaw::none;
  std::vector<app_option> apps;
  std::vector<instance_id> instances;
  std::optional<std::string> settings_file;
  std::optional<std::uint32_t> expires_in;
  bool instances_listed_only = false;
  bool open_control = false;
  std::optional<std::uint64_t> seed;
  observe::log_level level = observe::log_level::info;
};

/// Reads the arguments. If the program shall end at once (`--help`, or a mistake, of which standard
/// error has been told) there are no options, but an exit status: 0, or 2 for a mistake.
struct command_line {
  std::optional<options> chosen;
  int exit_status = 0;
};
[[nodiscard]] command_line read_command_line(int count, char const* const* arguments);

/// Reads `127.0.0.1:8080` or `[::1]:8080`; no names.
[[nodiscard]] std::optional<endpoint> parse_endpoint(std::string const& text);

/// True for 127.0.0.0/8 and ::1.
[[nodiscard]] bool is_loopback(endpoint const& where);

}  // namespace wixtokend::emulator
