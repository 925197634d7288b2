#include "daemon/inherited_sockets.hpp"

#include "base/text.hpp"
#include "daemon/startup_error.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace wixtokend::daemon {
namespace {

constexpr int first_descriptor = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t sockets_max = 256;

[[noreturn]] void refuse(std::string const& what) {
  throw startup_error{exit_code::configuration, what};
}

std::uint64_t number_in(std::string const& text, char const* name, std::uint64_t max) {
  auto const number = parse_decimal(text, max);
  if (number.has_value()) return *number;
  refuse(std::string{"the environment's "} + name + " is " + quoted(text) +
         ": the service manager must set a number, at most " + std::to_string(max));
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> names;
  for (;;) {
    auto const colon = text.find(':');
    names.emplace_back(text.substr(0, colon));
    if (colon == std::string_view::npos) return names;
    text.remove_prefix(colon + 1);
  }
}

}  // namespace

std::vector<inherited_socket> inherited_sockets(manager_variables const& variables, pid_t self) {
  if (variables.listen_pid.empty() || variables.listen_fds.empty()) return {};
  auto const pid = number_in(variables.listen_pid, "LISTEN_PID", INT32_MAX);
  if (pid != static_cast<std::uint64_t>(self)) return {};
  auto const count = number_in(variables.listen_fds, "LISTEN_FDS", sockets_max);
  if (count == 0) return {};

  std::vector<std::string> names(count, "unknown");
  if (!variables.listen_fdnames.empty()) names = split_names(variables.listen_fdnames);
  if (names.size() != count) {
    refuse("LISTEN_FDNAMES has " + std::to_string(names.size()) + " names for the " +
           std::to_string(count) + " sockets of LISTEN_FDS");
  }
  std::vector<inherited_socket> out;
  for (auto& name : names) {
    bool const taken = std::ranges::find(out, name, &inherited_socket::name) != out.end();
    if (taken) {
      refuse("two inherited sockets are named " + quoted(name) +
             ": give each a .socket unit of its own, with its own FileDescriptorName=");
    }
    out.push_back({std::move(name), first_descriptor + static_cast<int>(out.size())});
  }
  return out;
}

}  // namespace wixtokend::daemon
