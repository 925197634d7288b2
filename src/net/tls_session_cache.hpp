#pragma once
// The TLS sessions that a client can resume, by server; only the `.cpp` files of TLS include this.

#include "net/openssl.hpp"

#include <cstddef>
#include <map>
#include <string>

namespace wixtokend::net {

/// Keeps the newest session of each `host:port`, of few of them. Sessions were verified when they
/// were made, and are offered to no other name. Belongs to the loop's thread.
class tls_session_cache {
 public:
  static constexpr std::size_t servers_max = 32;

  /// Switches a client context to this cache: OpenSSL's own is not used.
  static void enable(SSL_CTX* context) noexcept;

  void keep(std::string const& server, openssl::session granted);

  /// Makes a connection that is about to begin offer the session of `server`, if there is one.
  void resume(SSL* engine, std::string const& server) noexcept;

 private:
  std::map<std::string, openssl::session, std::less<>> sessions_;
};

}  // namespace wixtokend::net
