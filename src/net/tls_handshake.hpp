#pragma once
// The handshake that both sides have in common; only the `.cpp` files of TLS include this.

#include "async/with_deadline.hpp"
#include "net/tls_stream.hpp"

namespace wixtokend::net {

/// Turns a TCP connection (asserted: one that this folder made) into a TLS connection.
task<result<std::unique_ptr<byte_stream>>> shake_hands(std::unique_ptr<byte_stream> connection,
                                                       openssl::connection engine,
                                                       keep_session kept);

}  // namespace wixtokend::net
