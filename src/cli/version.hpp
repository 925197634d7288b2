#pragma once
// Which wixtoken this is.

#include <string_view>

namespace wixtokend::cli {

/// The version of the project: "0.1.0".
[[nodiscard]] std::string_view version() noexcept;

}  // namespace wixtokend::cli
