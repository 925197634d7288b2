#include "api/preferences.hpp"

#include "api/request_headers.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>

namespace wixtokend::api {
namespace {

std::string_view trimmed(std::string_view text) noexcept {
  auto const first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Takes what stands before `mark` off the front of `rest`, and the mark with it. A mark in a quoted
// string is none.
std::string_view cut(std::string_view& rest, char mark) noexcept {
  bool quoted = false;
  std::size_t at = 0;
  for (; at < rest.size(); ++at) {
    if (rest[at] == '"') quoted = !quoted;
    if (quoted && rest[at] == '\\') ++at;
    if (!quoted && at < rest.size() && rest[at] == mark) break;
  }
  at = std::min(at, rest.size());
  auto const piece = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return trimmed(piece);
}

// A word of RFC 7240 section 2 may be quoted, and means the same then.
std::string_view unquoted(std::string_view word) noexcept {
  bool const whole = word.size() >= 2 && word.front() == '"' && word.back() == '"';
  return whole ? word.substr(1, word.size() - 2) : word;
}

std::optional<std::chrono::seconds> seconds_of(std::string_view digits,
                                               std::chrono::seconds most) noexcept {
  bool const is_number = !digits.empty() && std::all_of(digits.begin(), digits.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
  if (!is_number) return std::nullopt;
  auto const value = parse_decimal(digits, static_cast<std::uint64_t>(most.count()));
  if (!value.has_value()) return most;
  return std::chrono::seconds{*value};
}

}  // namespace

std::optional<std::chrono::seconds> preferred_wait(http::fields const& headers,
                                                   std::chrono::seconds most) {
  auto const all = combined(headers, "Prefer");
  std::string_view rest = all;
  while (!rest.empty()) {
    auto preference = cut(rest, ',');
    auto value = cut(preference, ';');  // what follows are parameters; `wait` has none
    auto const name = cut(value, '=');
    if (equal_ignoring_case(name, "wait")) return seconds_of(unquoted(trimmed(value)), most);
  }
  return std::nullopt;
}

}  // namespace wixtokend::api
