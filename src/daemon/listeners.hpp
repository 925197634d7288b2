#pragma once
// The sockets of the configuration, opened; what goes wrong is told in a way that helps.

#include "async/task.hpp"
#include "daemon/config.hpp"
#include "daemon/inherited_sockets.hpp"
#include "daemon/tcp_address.hpp"
#include "net/tcp_socket.hpp"
#include "net/unix_socket.hpp"

#include <memory>
#include <string>
#include <vector>

namespace wixtokend::daemon {

/// A socket that accepts connections.
struct open_socket {
  std::unique_ptr<net::unix_listener> listener;
  std::string path;  ///< where it is bound
};

/// Opens all sockets, in their order; they accept connections from now on, which wait to be served.
/// With inherited sockets nothing is made here: each configured socket is the inherited one of its
/// name, and none is left over on either side.
///
/// Throws `startup_error`: `unavailable` if a live process listens there, `cannot_create` if the
/// file, or its folder where that is to be made, cannot be made or be given its owner or rights;
/// `configuration` if the inherited sockets are not the configured ones, if one of them is no
/// listening Unix stream socket, or if the configuration wants of an inherited one what only its
/// maker decides.
[[nodiscard]] std::vector<open_socket> open_listeners(
    event_loop& loop, std::vector<socket_settings> const& sockets,
    std::vector<inherited_socket> const& inherited = {});

/// Opens the TCP socket of the metrics. Throws `startup_error`: `unavailable` if the port is in
/// use, `cannot_create` if it cannot be listened on.
[[nodiscard]] std::unique_ptr<net::tcp_listener> open_metrics_listener(event_loop& loop,
                                                                       tcp_address const& where);

}  // namespace wixtokend::daemon
