#pragma once
// From a request to what shall happen to it: the whole emulator, but for the I/O.

#include "base/time.hpp"
#include "emulator/routes.hpp"
#include "emulator/upstream_state.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace wixtokend::emulator {

/// When and where a request came in.
struct arrival {
  instant at;
  wall_time wall;                ///< real, not virtual
  bool control_allowed = false;  ///< the listener serves `/__control`
};

/// What becomes of the answer.
enum class ending : std::uint8_t {
  send,   ///< it is sent
  hang,   ///< nothing is sent; the connection stays open until the client closes it
  reset,  ///< part of it is sent, then a TCP reset
  close,  ///< part of it is sent, then the connection is closed
};

/// What shall happen to a request.
struct plan {
  std::optional<route>
      counted;  ///< unset: a control call; else `counters::ended` is due in the end
  http::response reply;
  duration delay{};  ///< before anything else happens
  ending how = ending::send;
  std::optional<std::size_t> bytes;  ///< for reset and close; unset: the head and half of the body
};

/// Answers a request: counts it, consults the fault script and the rate limit, and calls the
/// route's handler. The answer is made up at once, whatever the delay: a slow reply carries an old
/// token.
[[nodiscard]] plan answer(upstream_state& state, http::request const& message, arrival const& when);

/// Adds what every reply carries: `x-wix-request-id`, `cache-control: no-store` and, unless
/// switched off, `date` in virtual time (docs/upstream.md U-98).
void add_common_headers(upstream_state& state, http::response& reply, wall_time real);

}  // namespace wixtokend::emulator
