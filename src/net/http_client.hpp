#pragma once
// A bounded pool of keep-alive connections to one HTTP server.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "base/error.hpp"
#include "http/codec.hpp"
#include "net/origin.hpp"
#include "net/tls.hpp"

#include <boost/assert/source_location.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace wixtokend::net {

/// Limits of a client; the defaults are those of the upstream.
struct http_client_options {
  std::size_t connections_max = 64;
  std::chrono::seconds connect_timeout{2};
  std::chrono::seconds idle_max{55};  ///< an idle connection older than this is not reused
  http::limits response_limits{};
  std::optional<origin> proxy;  ///< an https server is reached through it: see `choose_proxy`
};

/// Why an exchange failed, and whether the request can have reached the server.
struct exchange_error {
  error_code reason;
  bool request_sent = false;
};

/// What `value()` of a failed exchange throws (Boost.System asks for this function): its reason.
[[noreturn]] inline void throw_exception_from_error(exchange_error const& failure,
                                                    boost::source_location const&) {
  throw boost::system::system_error{failure.reason};
}

/// Sends requests to one origin over kept connections. Belongs to the loop's thread; must outlive
/// its exchanges. A connection that broke is never retried on behind the caller's back: each
/// exchange sends its request at most once, so that rate limits can count them.
class http_client {
 public:
  /// @param trust  Needed for an https origin; must outlive the client.
  static std::unique_ptr<http_client> create(event_loop& loop, time_source& time, origin server,
                                             tls_client_context* trust,
                                             http_client_options const& options);
  virtual ~http_client() = default;

  /// Sends one request, of any method but `HEAD`, and reads its response until `limit`. `Host` is
  /// added; the target is sent as it is: the origin's `base_path` is the caller's business. When
  /// all connections are in use it waits for one, within the limit.
  /// @param sent  Called just before the request's first byte is written: the moment from which
  ///              a token's life counts.
  virtual task<boost::system::result<http::response, exchange_error>> exchange(
      http::request message, instant limit, std::function<void()> sent) = 0;

  /// Closes idle connections; those in use close when their exchange ends.
  virtual void close_idle() noexcept = 0;
};

}  // namespace wixtokend::net
