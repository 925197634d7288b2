#pragma once
// How a client reaches its daemon.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace wixtoken {

/// Where the package's daemon listens.
inline constexpr char const* default_socket = "/run/wixtokend/wixtokend.sock";

/// Settings of a client. All have a default.
struct options {
  /// The path of the daemon's socket.
  std::string socket = default_socket;

  /// The app's `name` in the daemon's configuration; empty: the daemon's default app.
  std::string app;

  /// The users (ids) that may be behind the socket; empty: whoever. The kernel tells who it is
  /// (SO_PEERCRED). Behind a socket that systemd has made (socket activation) that is root, 0.
  std::vector<std::uint32_t> owners;

  /// How long a call may take in all, if it is given no time of its own.
  std::chrono::milliseconds timeout{10'000};

  /// How long a call goes on trying while nobody listens: the daemon is being restarted, or is not
  /// there yet. Never longer than the call's time.
  std::chrono::milliseconds reconnect_for{2'000};
};

}  // namespace wixtoken
