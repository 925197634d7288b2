#include "cli/seconds_text.hpp"

#include "base/text.hpp"

#include <array>
#include <cstdint>

namespace wixtokend::cli {
namespace {

constexpr std::uint64_t milliseconds_max = 10ULL * 365 * 24 * 3600 * 1000;

struct unit {
  std::string_view name;
  std::uint64_t milliseconds;
};

// `ms` before `m` and `s`: the first one that the text ends with counts.
constexpr std::array<unit, 4> units{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}}};

}  // namespace

std::optional<std::chrono::milliseconds> parse_length(std::string_view text) noexcept {
  std::uint64_t scale = 1000;
  for (auto const& one : units) {
    if (!text.ends_with(one.name)) continue;
    scale = one.milliseconds;
    text.remove_suffix(one.name.size());
    break;
  }
  auto const point = text.find('.');
  auto const whole = parse_decimal(text.substr(0, point), milliseconds_max);
  if (!whole.has_value() || *whole > milliseconds_max / scale) return std::nullopt;
  auto total = *whole * scale;
  if (point != text.npos) {
    auto const digits = text.substr(point + 1);
    auto const fraction = parse_decimal(digits, 999);
    if (!fraction.has_value() || digits.size() > 3) return std::nullopt;
    std::uint64_t power = 1;
    for (std::size_t i = 0; i < digits.size(); ++i) power *= 10;
    total += *fraction * scale / power;
  }
  return std::chrono::milliseconds{static_cast<std::int64_t>(total)};
}

}  // namespace wixtokend::cli
