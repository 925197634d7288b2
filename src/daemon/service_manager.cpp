#include "daemon/service_manager.hpp"

#include "async/kernel_clocks.hpp"
#include "base/text.hpp"
#include "daemon/startup_error.hpp"

#include <chrono>
#include <utility>

namespace wixtokend::daemon {
namespace {

constexpr std::size_t status_size_max = 1000;  // a whole datagram may have 4096 bytes

std::uint64_t number_in(std::string const& text, char const* name, std::uint64_t max) {
  auto const number = parse_decimal(text, max);
  if (number.has_value()) return *number;
  throw startup_error{exit_code::configuration, std::string{"the environment's "} + name + " is " +
                                                    quoted(text) +
                                                    ": the service manager must set a number"};
}

// A status is one line of text; a line feed would end it, and other bytes may make it invalid.
std::string printable(std::string_view text) {
  std::string out{text.substr(0, status_size_max)};
  for (char& c : out) {
    if (c < ' ' || c > '~') c = '?';
  }
  return out;
}

std::string microseconds(duration length) {
  return std::to_string(std::chrono::ceil<std::chrono::microseconds>(length).count());
}

}  // namespace

std::optional<duration> watchdog_time(manager_variables const& variables, pid_t self) {
  if (variables.watchdog_usec.empty()) return std::nullopt;
  if (!variables.watchdog_pid.empty()) {  // else it is for this process
    auto const pid = number_in(variables.watchdog_pid, "WATCHDOG_PID", INT32_MAX);
    if (pid != static_cast<std::uint64_t>(self)) return std::nullopt;
  }
  constexpr std::uint64_t year_us = 366ULL * 24 * 3600 * 1'000'000;
  auto const time_us = number_in(variables.watchdog_usec, "WATCHDOG_USEC", UINT64_MAX);
  if (time_us == 0 || time_us > year_us) return std::nullopt;  // "infinity" is the highest number
  return std::chrono::microseconds{time_us};
}

service_manager::service_manager(manager_variables const& variables, pid_t self,
                                 observe::logger& log)
    : log_{log} {
  if (variables.notify_socket.empty()) return;
  watchdog_ = watchdog_time(variables, self);
  auto made = net::datagram_sender::to(variables.notify_socket);
  if (made.has_value()) {
    sender_.emplace(*std::move(made));
    return;
  }
  log_.warning("service_manager_unreachable",
               {{"socket", variables.notify_socket},
                {"reason", made.error().message()},
                {"next", "the service manager is told nothing: neither readiness nor life"}});
}

void service_manager::starting(std::string_view status, duration time_max) {
  tell("EXTEND_TIMEOUT_USEC=" + microseconds(time_max), status, net::patience::second);
}

void service_manager::ready(std::string_view status) {
  tell("READY=1", status, net::patience::second);
}

void service_manager::reloading() {
  auto const now = microseconds(kernel_clocks::monotonic());
  tell("RELOADING=1\nMONOTONIC_USEC=" + now, "reloading", net::patience::second);
}

void service_manager::stopping(std::string_view status, duration time_max) {
  tell("STOPPING=1\nEXTEND_TIMEOUT_USEC=" + microseconds(time_max), status, net::patience::second);
}

void service_manager::alive(std::string_view status) {
  tell(watchdog_ ? "WATCHDOG=1" : "", status, net::patience::none);
}

void service_manager::tell(std::string message, std::string_view status, net::patience patient) {
  if (!sender_) return;
  auto text = printable(status);
  bool const changed = text != status_;
  if (changed) message += (message.empty() ? "STATUS=" : "\nSTATUS=") + text;
  if (message.empty()) return;
  auto const sent = sender_->send(message, patient);
  if (sent.has_value()) {
    status_ = std::move(text);
    failing_ = false;
  } else if (!std::exchange(failing_, true)) {
    log_.warning("service_manager_unreachable",
                 {{"reason", sent.error().message()},
                  {"next", "it may take this process for one that hangs, and restart it"}});
  }
}

}  // namespace wixtokend::daemon
