#pragma once
// What a fault makes of an answer.

#include "emulator/faults.hpp"
#include "http/message.hpp"

namespace wixtokend::emulator {

/// The answer of an `error` fault. What it leaves out is filled in to suit the status.
[[nodiscard]] http::response error_reply(fault const& what);

/// Changes a usual answer as a `reply` fault says. An answer other than 200 stays as it is; members
/// can be set in and removed from a JSON object only.
void alter(http::response& usual, fault const& what);

}  // namespace wixtokend::emulator
