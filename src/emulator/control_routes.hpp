#pragma once
// The control API, `/__control/…`: how tests and users steer the emulator. See docs/emulator.md.

#include "emulator/upstream_state.hpp"
#include "http/message.hpp"

#include <string_view>

namespace wixtokend::emulator {

struct arrival;

/// True for `/__control` and what is below it.
[[nodiscard]] bool is_control(std::string_view path) noexcept;

/// Answers a control call in JSON. Bad input gets 400 with `{"error","error_description"}`, an
/// unknown path 404, a known path with another method 405.
[[nodiscard]] http::response answer_control(upstream_state& state, http::request const& message,
                                            arrival const& when);

}  // namespace wixtokend::emulator
