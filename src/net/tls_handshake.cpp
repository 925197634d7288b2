#include "net/tls_handshake.hpp"

#include <cassert>
#include <utility>

namespace wixtokend::net {

task<result<std::unique_ptr<byte_stream>>> shake_hands(std::unique_ptr<byte_stream> connection,
                                                       openssl::connection engine,
                                                       keep_session kept) {
  auto* const transport = dynamic_cast<tcp_stream*>(connection.get());
  assert(transport != nullptr);
  auto secured =
      std::make_unique<tls_stream>(transport->release(), std::move(engine), std::move(kept));
  auto const shaken = co_await secured->handshake();
  if (!shaken.has_value()) co_return shaken.error();
  co_return std::unique_ptr<byte_stream>{std::move(secured)};
}

}  // namespace wixtokend::net
