#pragma once
// The end of a connection whose peer may still be sending.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "net/byte_stream.hpp"

namespace wixtokend::api {

/// Says that no more comes, then reads and throws away what the peer still sends, until it ends,
/// for `time_max` or 4 MiB at most. The caller closes the stream afterwards. To close on unread
/// bytes would reset the connection, and the last answer would be lost with it (RFC 9112
/// section 9.6).
task<> linger(net::byte_stream& stream, time_source& time, duration time_max);

}  // namespace wixtokend::api
