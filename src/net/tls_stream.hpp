#pragma once
// The byte stream over TLS: OpenSSL's engine directly on a non-blocking TCP socket; only the `.cpp`
// files of TLS include this.

#include "net/openssl.hpp"
#include "net/tcp_stream.hpp"

#include <functional>
#include <memory>

namespace wixtokend::net {

/// What a client remembers of a connection, so that the next one can resume it.
using keep_session = std::function<void(openssl::session)>;

class tls_stream final : public byte_stream {
 public:
  /// @param engine  Ready for its role (connect or accept state), without a transport yet.
  /// @param kept    Called with each session that the server grants; may be empty.
  tls_stream(tcp_stream::socket transport, openssl::connection engine, keep_session kept);
  ~tls_stream() override;

  /// Shakes hands in the engine's role. Cancelled by cancelling; has no deadline of its own.
  task<result<void>> handshake();

  task<result<std::size_t>> read_some(std::span<char> into) override;
  task<result<void>> write_all(std::string_view bytes) override;
  void shutdown_write() noexcept override;
  [[nodiscard]] bool idle_and_open() noexcept override;
  void close() noexcept override;
  void reset() noexcept override;

  /// Makes the context pass its new sessions to the streams that they belong to.
  static void keep_sessions_of(SSL_CTX* context) noexcept;

 private:
  // What the engine needs before the call that returned `outcome` can go on.
  enum class need { nothing, readable, writable, end, failed };
  need after(int outcome) noexcept;
  task<result<void>> wait_for(need what);
  error_code failure();

  tcp_stream::socket socket_;
  openssl::connection engine_;
  keep_session kept_;
  bool broken_ = false;
};

}  // namespace wixtokend::net
