#pragma once
// TCP: resolving without blocking the loop, connecting, listening.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "base/error.hpp"
#include "net/byte_stream.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace wixtokend::net {

/// A listening TCP socket.
class tcp_listener {
 public:
  /// @param address  A numeric address, IPv4 or IPv6.
  /// @param port     0 lets the system choose: see `port()`.
  static result<std::unique_ptr<tcp_listener>> open(event_loop& loop, std::string const& address,
                                                    std::uint16_t port);
  virtual ~tcp_listener() = default;

  [[nodiscard]] virtual std::uint16_t port() const noexcept = 0;
  /// As `unix_listener::accept`. TCP_NODELAY is set.
  virtual task<result<std::unique_ptr<byte_stream>>> accept() = 0;
  virtual void close() noexcept = 0;
};

/// Resolves `host` and connects to its addresses in turn until `limit`. Resolving runs on a helper
/// thread, so that the limit (and cancellation) bounds it too.
///
/// Errors: `timed_out`, `name_not_found`, `no_address`, or the last connection attempt's error.
task<result<std::unique_ptr<byte_stream>>> connect_tcp(event_loop& loop, time_source& time,
                                                       std::string host, std::uint16_t port,
                                                       instant limit);

}  // namespace wixtokend::net
