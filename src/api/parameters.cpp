#include "api/parameters.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <string>

namespace wixtokend::api {
namespace {

problem about(fault what, std::string_view name, std::string const& said) {
  return {.what = what, .description = "The parameter " + quoted(name) + " " + said + "."};
}

bool is_word_of(std::string_view word, std::string_view list) noexcept {
  while (!list.empty()) {
    auto const one = list.substr(0, list.find(' '));
    if (one == word) return true;
    list.remove_prefix(std::min(one.size() + 1, list.size()));
  }
  return false;
}

// "1.25" as 1250 ms.
result<std::chrono::milliseconds> parse_seconds(std::string_view text) noexcept {
  constexpr std::uint64_t seconds_max = 1'000'000'000;  // far beyond any limit, safe in a duration
  auto const point = text.find('.');
  auto const whole = parse_decimal(text.substr(0, point), seconds_max);
  if (!whole.has_value()) return whole.error();

  std::chrono::milliseconds length = std::chrono::seconds{*whole};
  if (point == text.npos) return length;

  auto const digits = text.substr(point + 1);
  auto const fraction = parse_decimal(digits, 999);
  if (!fraction.has_value() || digits.size() > 3) return errc::invalid_number;
  auto thousandths = static_cast<std::int64_t>(*fraction);
  for (auto i = digits.size(); i < 3; ++i) thousandths *= 10;
  return length + std::chrono::milliseconds{thousandths};
}

}  // namespace

checked<> allow_only(parameters const& given, std::string_view known) {
  for (auto one = given.begin(); one != given.end(); ++one) {
    if (!is_word_of(one->name, known)) {
      return about(fault::unknown_parameter, one->name, "is not known to this call");
    }
    auto const same = [&](parameter const& earlier) { return earlier.name == one->name; };
    if (std::any_of(given.begin(), one, same)) {
      return about(fault::repeated_parameter, one->name, "is there twice");
    }
  }
  return {};
}

std::optional<std::string_view> find_parameter(parameters const& given,
                                               std::string_view name) noexcept {
  auto const found = std::find_if(given.begin(), given.end(),
                                  [&](parameter const& one) { return one.name == name; });
  if (found == given.end()) return std::nullopt;
  return found->value;
}

checked<duration> read_seconds(parameters const& given, std::string_view name, duration fallback,
                               duration max) {
  auto const text = find_parameter(given, name);
  if (!text) return fallback;
  auto const length = parse_seconds(*text);
  if (!length.has_value() || *length > max) {
    auto const most = std::chrono::floor<std::chrono::seconds>(max).count();
    return about(fault::invalid_parameter, name,
                 "is not a number of seconds from 0 to " + std::to_string(most) +
                     " with at most three decimals");
  }
  return duration{*length};
}

checked<std::uint64_t> read_number(parameters const& given, std::string_view name,
                                   std::uint64_t fallback, std::uint64_t min, std::uint64_t max) {
  auto const text = find_parameter(given, name);
  if (!text) return fallback;
  auto const number = parse_decimal(*text, max);
  if (!number.has_value() || *number < min) {
    return about(
        fault::invalid_parameter, name,
        "is not a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  }
  return *number;
}

checked<bool> read_flag(parameters const& given, std::string_view name) {
  auto const text = find_parameter(given, name);
  if (!text || *text == "false") return false;
  if (*text == "true") return true;
  return about(fault::invalid_parameter, name, "is neither true nor false");
}

}  // namespace wixtokend::api
