#pragma once
// The OAuth calls as the upstream answers them: docs/upstream.md sections 2 to 4 and 12.

#include "emulator/call.hpp"
#include "emulator/upstream_state.hpp"
#include "http/message.hpp"

namespace wixtokend::emulator {

/// `POST /oauth2/token`: grant `client_credentials`; `anonymous` and `refresh_token` minimally
/// (U-13).
[[nodiscard]] http::response answer_token(upstream_state& state, call const& asked);

/// `POST /oauth/access`: grants `authorization_code` and `refresh_token` (U-104).
[[nodiscard]] http::response answer_access(upstream_state& state, call const& asked);

/// `POST /oauth2/token-info` (U-105).
[[nodiscard]] http::response answer_token_info(upstream_state& state, call const& asked);

}  // namespace wixtokend::emulator
