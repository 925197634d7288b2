#pragma once
// What the end of a socket operation means to the coroutine that waited for it.

#include "base/error.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

namespace wixtokend::net {

/// The error of a socket operation as a value. Asio reports cancellation and closing alike: an
/// aborted operation on a socket that is still open was cancelled, and that is thrown on.
inline error_code stream_failure(error_code reason, bool socket_is_open) {
  if (reason != boost::asio::error::operation_aborted) return reason;
  if (socket_is_open) throw boost::system::system_error{reason};
  return errc::connection_closed;
}

}  // namespace wixtokend::net
