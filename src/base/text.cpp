#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace wixtokend {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// How many bytes the UTF-8 sequence at the front has, 0 if it is invalid.
std::size_t sequence_size(std::string_view bytes) noexcept {
  auto const at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  auto const first = at(0);
  if (first < 0x80) return 1;

  std::size_t const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || bytes.size() < size) return 0;

  for (std::size_t i = 1; i < size; ++i) {
    if ((at(i) & 0xc0U) != 0x80U) return 0;
  }
  auto const second = at(1);
  if (first == 0xe0 && second < 0xa0) return 0;  // overlong
  if (first == 0xed && second > 0x9f) return 0;  // a surrogate
  if (first == 0xf0 && second < 0x90) return 0;  // overlong
  if (first == 0xf4 && second > 0x8f) return 0;  // beyond U+10FFFF
  return size;
}

}  // namespace

result<std::uint64_t> parse_decimal(std::string_view text, std::uint64_t max) noexcept {
  std::uint64_t value = 0;
  auto const* const end = text.data() + text.size();
  auto const [stopped, ec] = std::from_chars(text.data(), end, value);
  if (ec != std::errc{} || stopped != end || value > max) return errc::invalid_number;
  return value;
}

std::string quoted(std::string_view text, std::size_t size_max) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (char const c : text.substr(0, size_max)) {
    auto const byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\') {
      out.push_back(c);
    } else {
      out += "\\x";
      out.push_back(digits[byte >> 4U]);
      out.push_back(digits[byte & 0xfU]);
    }
  }
  if (text.size() > size_max) out += "…";
  out.push_back('"');
  return out;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string figure(double value) {
  constexpr int decimals_max = 9;
  auto const magnitude = value > 0 ? static_cast<int>(std::floor(std::log10(value))) : 0;
  std::array<char, 384> digits{};  // the largest value has 309
  auto const written =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed,
                    std::clamp(2 - magnitude, 0, decimals_max));
  std::string text{digits.data(), written.ptr};
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    auto const size = sequence_size(bytes);
    if (size == 0) return false;
    bytes.remove_prefix(size);
  }
  return true;
}

}  // namespace wixtokend
