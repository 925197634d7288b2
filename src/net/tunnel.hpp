#pragma once
// A TCP connection through a proxy, opened with CONNECT.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "base/error.hpp"
#include "net/byte_stream.hpp"
#include "net/origin.hpp"

#include <memory>

namespace wixtokend::net {

/// Connects to `proxy` and asks it for a connection to the host and port of `server`, all until
/// `limit` (RFC 9110 section 9.3.6). Names are resolved by the proxy. The stream is as good as one
/// of `connect_tcp`.
///
/// Errors: those of `connect_tcp` for the proxy; `proxy_refused` if it answers with anything but
/// 2xx; `malformed_message`, `header_too_large`, `connection_closed`.
task<result<std::unique_ptr<byte_stream>>> connect_tunnel(event_loop& loop, time_source& time,
                                                          origin proxy, origin server,
                                                          instant limit);

}  // namespace wixtokend::net
