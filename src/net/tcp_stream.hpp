#pragma once
// The byte stream over a TCP connection; only `net` itself includes this.

#include "net/socket_stream.hpp"

#include <boost/asio/ip/tcp.hpp>

namespace wixtokend::net {

using tcp_stream = socket_stream<asio::ip::tcp>;

}  // namespace wixtokend::net
