#pragma once
// "Did you mean": the known word that a mistyped one is closest to.

#include <span>
#include <string_view>

namespace wixtokend::daemon {

/// The candidate that at most a third of the letters (and one at least) separate from `word`, when
/// letters are added, left out, changed, or swapped with their neighbour; the first of equals.
/// @returns an empty view if none is that close.
[[nodiscard]] std::string_view closest(std::string_view word,
                                       std::span<std::string_view const> candidates);

}  // namespace wixtokend::daemon
