#include "net/tls_session_cache.hpp"

#include <utility>

#pragma GCC diagnostic ignored "-Wold-style-cast"  // SSL_CTX_set_session_cache_mode is a macro

namespace wixtokend::net {

void tls_session_cache::enable(SSL_CTX* context) noexcept {
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
}

void tls_session_cache::keep(std::string const& server, openssl::session granted) {
  // One daemon speaks to one or two servers; beyond the limit any may go.
  if (sessions_.size() >= servers_max && !sessions_.contains(server)) {
    sessions_.erase(sessions_.begin());
  }
  sessions_.insert_or_assign(server, std::move(granted));
}

void tls_session_cache::resume(SSL* engine, std::string const& server) noexcept {
  auto const found = sessions_.find(server);
  if (found == sessions_.end()) return;
  // OpenSSL itself leaves out a session that is too old.
  if (SSL_SESSION_is_resumable(found->second.get()) == 1) {
    SSL_set_session(engine, found->second.get());
  }
}

}  // namespace wixtokend::net
