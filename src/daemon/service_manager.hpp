#pragma once
// Whoever started this process and watches over it: systemd, or another that speaks its protocol.

#include "base/time.hpp"
#include "net/datagram_sender.hpp"
#include "observe/log.hpp"

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::daemon {

/// The variables of sd_notify(3), sd_watchdog_enabled(3) and sd_listen_fds(3) as they were found;
/// empty: not set.
struct manager_variables {
  std::string notify_socket;
  std::string watchdog_usec;
  std::string watchdog_pid;
  std::string listen_pid;
  std::string listen_fds;
  std::string listen_fdnames;
};

/// Within which time the manager wants to hear of this process again and again; nothing if it does
/// not. Throws `startup_error` if a variable is not a number.
[[nodiscard]] std::optional<duration> watchdog_time(manager_variables const& variables, pid_t self);

/// Tells the manager how the process does: the protocol of sd_notify(3), written anew because it is
/// small, so that static programs have it as well. Without a manager every call does nothing. That
/// it cannot be reached is logged once, and changes nothing else.
class service_manager {
 public:
  /// Throws `startup_error` like `watchdog_time`.
  service_manager(manager_variables const& variables, pid_t self, observe::logger& log);

  [[nodiscard]] bool listens() const noexcept { return sender_.has_value(); }
  [[nodiscard]] std::optional<duration> watchdog() const noexcept { return watchdog_; }

  /// Still starting, and it may take `time_max` from now on.
  void starting(std::string_view status, duration time_max);
  /// Serving, after a start or a reload.
  void ready(std::string_view status);
  /// A reload has begun; `ready` ends it.
  void reloading();
  /// Stopping, which may take `time_max` from now on.
  void stopping(std::string_view status, duration time_max);
  /// The sign of life that the watchdog waits for, with the status if it is another one. The only
  /// one that may be lost, if the manager is too busy to read it.
  void alive(std::string_view status);

 private:
  void tell(std::string message, std::string_view status, net::patience patient);

  std::optional<net::datagram_sender> sender_;
  std::optional<duration> watchdog_;
  std::string status_;  ///< as it was told last
  observe::logger& log_;
  bool failing_ = false;
};

}  // namespace wixtokend::daemon
