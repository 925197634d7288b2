#pragma once
// Which call a request is: the emulator's upstream routes.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wixtokend::emulator {

/// The calls that are counted and to which fault scripts apply.
enum class route : std::uint8_t {
  token,       ///< `/oauth2/token` (docs/upstream.md U-1)
  access,      ///< `/oauth/access` (U-2, U-3)
  token_info,  ///< `/oauth2/token-info` (U-4)
  instance,    ///< Get App Instance, by either of its paths (U-106)
  other,       ///< any other path: the protected echo (U-107)
};

inline constexpr std::size_t route_count = 5;

/// The target without its query and without a trailing slash (U-9, U-21).
[[nodiscard]] std::string_view path_of(std::string_view target) noexcept;

/// What stands behind the `?`, without it.
[[nodiscard]] std::string_view query_of(std::string_view target) noexcept;

/// The route of a path as `path_of` gives it. Methods are the handlers' business.
[[nodiscard]] route route_of(std::string_view path) noexcept;

/// `token`, `access`, `token_info`, `instance`, `other`.
[[nodiscard]] std::string_view name_of(route which) noexcept;
[[nodiscard]] std::optional<route> route_named(std::string_view name) noexcept;

}  // namespace wixtokend::emulator
