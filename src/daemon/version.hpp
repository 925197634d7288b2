#pragma once
// Which wixtokend this is.

#include <string_view>

namespace wixtokend::daemon {

/// The version of the project: "0.1.0".
[[nodiscard]] std::string_view version() noexcept;

}  // namespace wixtokend::daemon
