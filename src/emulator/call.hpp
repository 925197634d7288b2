#pragma once
// One request to an upstream route, understood: what it asks for, and whom it names.

#include "base/error.hpp"
#include "base/instance_id.hpp"
#include "base/time.hpp"
#include "emulator/oauth_request.hpp"
#include "emulator/routes.hpp"
#include "emulator/token_mint.hpp"
#include "emulator/upstream_state.hpp"
#include "http/message.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// Refers to the request, which must outlive it.
struct call {
  route where = route::other;
  http::request const& message;
  wall_time now;               ///< virtual
  result<oauth_request> body;  ///< the three OAuth routes; else empty fields
  std::optional<claims>
      presented;                  ///< of the token, refresh token or code that it shows, if genuine
  std::string app_id;             ///< as it came, but a GUID in lower case; empty: none
  std::optional<app_number> app;  ///< unset: unknown
  std::optional<instance_id> instance;
  mint_change change;
};

/// Reads a request once, for the fault script and the handlers alike. The app and the instance are
/// those of the body, or else of the token that is shown.
[[nodiscard]] call understand(upstream_state const& state, http::request const& message,
                              wall_time now);

}  // namespace wixtokend::emulator
