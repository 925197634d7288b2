#include "daemon/suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace wixtokend::daemon {
namespace {

// Restricted Damerau-Levenshtein distance, three rows at a time.
std::size_t distance(std::string_view from, std::string_view to) {
  auto const width = to.size() + 1;
  std::vector<std::size_t> before_last(width);
  std::vector<std::size_t> last(width);
  std::vector<std::size_t> row(width);
  for (std::size_t j = 0; j < width; ++j) last[j] = j;

  for (std::size_t i = 1; i <= from.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j < width; ++j) {
      auto const change = last[j - 1] + (from[i - 1] == to[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[to.size()];
}

}  // namespace

std::string_view closest(std::string_view word, std::span<std::string_view const> candidates) {
  constexpr std::size_t word_size_max = 64;  // bounds the work; no word of ours is as long
  if (word.size() > word_size_max) return {};

  auto best = std::max<std::size_t>(1, word.size() / 3) + 1;
  std::string_view found;
  for (auto const candidate : candidates) {
    auto const steps = distance(word, candidate);
    if (steps >= best) continue;
    best = steps;
    found = candidate;
  }
  return found;
}

}  // namespace wixtokend::daemon
