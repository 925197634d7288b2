#pragma once
// TLS over a TCP connection, for both sides. TLS 1.2 and later only.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "base/error.hpp"
#include "net/byte_stream.hpp"
#include "net/tcp_socket.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace wixtokend::net {

/// What a client trusts. Load it once and share it: reading the system's store takes 20 ms.
class tls_client_context {
 public:
  /// @param ca_file  PEM file with the only authorities to trust; unset: the system's store.
  /// @returns `tls_setup` or `file_unreadable` if the file is of no use.
  static result<std::unique_ptr<tls_client_context>> create(
      std::optional<std::string> const& ca_file);
  virtual ~tls_client_context() = default;

  /// Connects by TCP and shakes hands until `limit`, with SNI, certificate and host name
  /// verification (RFC 6125; an address is checked against the certificate's addresses), and with
  /// the session of an earlier connection to the same host and port where there is one.
  ///
  /// Errors: those of `connect_tcp`; a certificate that does not verify gives an error whose
  /// message is OpenSSL's reason ("certificate has expired", "hostname mismatch", "self-signed
  /// certificate in certificate chain", …); `timed_out`.
  virtual task<result<std::unique_ptr<byte_stream>>> connect(event_loop& loop, time_source& time,
                                                             std::string host, std::uint16_t port,
                                                             instant limit) = 0;

  /// Shakes hands as the client of `host` over a TCP connection that exists: what `connect` does
  /// once it is connected, for connections that go through a proxy.
  virtual task<result<std::unique_ptr<byte_stream>>> handshake(
      std::unique_ptr<byte_stream> connection, time_source& time, std::string host,
      std::uint16_t port, instant limit) = 0;
};

/// A server's certificate and key.
class tls_server_context {
 public:
  /// @param certificate_pem, key_pem  PEM texts: the chain, leaf first, and its private key.
  static result<std::unique_ptr<tls_server_context>> create(std::string const& certificate_pem,
                                                            std::string const& key_pem);
  virtual ~tls_server_context() = default;

  /// Shakes hands as the server over a connection that `tcp_listener::accept` returned.
  virtual task<result<std::unique_ptr<byte_stream>>> handshake(
      std::unique_ptr<byte_stream> connection, time_source& time, instant limit) = 0;
};

}  // namespace wixtokend::net
