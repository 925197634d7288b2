#include "daemon/duration_text.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>

namespace wixtokend::daemon {
namespace {

struct unit {
  std::string_view name;
  std::chrono::milliseconds length;
};

constexpr std::array units{
    unit{"h", std::chrono::hours{1}},
    unit{"m", std::chrono::minutes{1}},
    unit{"s", std::chrono::seconds{1}},
    unit{"ms", std::chrono::milliseconds{1}},
};

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

}  // namespace

result<duration> parse_duration(std::string_view text) noexcept {
  constexpr auto max = std::chrono::duration_cast<std::chrono::milliseconds>(duration_text_max);
  if (text.empty()) return errc::invalid_number;

  std::chrono::milliseconds sum{0};
  auto const* next_unit = units.begin();
  while (!text.empty()) {
    auto const digits = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    auto const letters = static_cast<std::size_t>(
        std::find_if(text.begin() + static_cast<std::ptrdiff_t>(digits), text.end(), is_digit) -
        text.begin() - static_cast<std::ptrdiff_t>(digits));
    auto const name = text.substr(digits, letters);
    auto const* const found =
        std::find_if(next_unit, units.end(), [name](unit const& one) { return one.name == name; });
    if (found == units.end()) return errc::invalid_number;

    auto const left = (max - sum).count() / found->length.count();
    auto const number = parse_decimal(text.substr(0, digits), static_cast<std::uint64_t>(left));
    if (!number.has_value()) return errc::invalid_number;

    sum += found->length * static_cast<std::int64_t>(*number);
    next_unit = found + 1;
    text.remove_prefix(digits + letters);
  }
  return duration{sum};
}

std::string format_duration(duration length) {
  auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(length);
  if (rest.count() <= 0) return "0s";

  std::string out;
  for (auto const& one : units) {
    auto const count = rest / one.length;
    if (count == 0) continue;
    out += std::to_string(count);
    out += one.name;
    rest -= count * one.length;
  }
  return out;
}

}  // namespace wixtokend::daemon
