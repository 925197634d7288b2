#pragma once
// Text of the upstream made fit to be shown: no secret in it, bounded, printable ASCII.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace wixtokend::wix {

/// How many bytes in a row must equal a part of a secret to be masked. A whole secret that is
/// shorter is masked as well.
inline constexpr std::size_t masked_run_min = 8;

/// The text to show: each run of at least `masked_run_min` bytes that occurs in a secret, in
/// either case, becomes `[redacted]`, so that an upstream that echoes a request, whole or cut
/// short, leaks nothing; control characters become blanks and other characters outside of ASCII
/// `?`, since logs and terminals show it; cut to `size_max` bytes.
/// @param hidden  The secrets; empty ones are ignored.
[[nodiscard]] std::string presentable(std::string_view text, std::size_t size_max,
                                      std::span<std::string_view const> hidden);

}  // namespace wixtokend::wix
