#pragma once
// The API that access tokens open: Get App Instance, and an echo on every other path.

#include "emulator/call.hpp"
#include "emulator/upstream_state.hpp"
#include "http/message.hpp"

namespace wixtokend::emulator {

/// Without a live token 401 `{"message":"UNAUTHENTICATED","details":{}}`. Else, for a GET of Get
/// App Instance, the instance and its site; for all other requests what was asked and for whom, and
/// nothing of its headers or body (docs/upstream.md U-106, U-107).
[[nodiscard]] http::response answer_protected(upstream_state const& state, call const& asked);

}  // namespace wixtokend::emulator
