#pragma once
// OpenSSL's way to a socket; only `net` itself includes this.

#include "net/openssl.hpp"

namespace wixtokend::net::openssl {

/// A BIO on a non-blocking socket, which it does not own. OpenSSL's own socket BIO writes with
/// write(2), and a write to a closed connection would end the process with SIGPIPE.
[[nodiscard]] bio socket_bio(int descriptor);

}  // namespace wixtokend::net::openssl
