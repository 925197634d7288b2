#pragma once
// The sockets of the configuration, opened; what goes wrong is told in a way that helps.

#include "async/task.hpp"
#include "daemon/config.hpp"
#include "daemon/tcp_address.hpp"
#include "net/tcp_socket.hpp"
#include "net/unix_socket.hpp"

#include <memory>
#include <vector>

namespace wixtokend::daemon {

/// Opens all sockets, in their order; they accept connections from now on, which wait to be served.
/// Throws `startup_error`: `unavailable` if a live process listens there, `cannot_create` if the
/// file, or its folder where that is to be made, cannot be made or be given its owner or rights.
[[nodiscard]] std::vector<std::unique_ptr<net::unix_listener>> open_listeners(
    event_loop& loop, std::vector<socket_settings> const& sockets);

/// Opens the TCP socket of the metrics. Throws `startup_error`: `unavailable` if the port is in
/// use, `cannot_create` if it cannot be listened on.
[[nodiscard]] std::unique_ptr<net::tcp_listener> open_metrics_listener(event_loop& loop,
                                                                       tcp_address const& where);

}  // namespace wixtokend::daemon
