#include "cli/printable.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace wixtokend::cli {
namespace {

struct character {
  std::uint32_t code = 0;
  std::size_t bytes = 1;
  bool good = false;  // valid UTF-8
};

// The character that the text begins with.
character first_of(std::string_view text) noexcept {
  auto const lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1, true};
  std::size_t const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (text.size() < size || !is_utf8(text.substr(0, size))) return {lead, 1, false};
  std::uint32_t code = lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  return {code, size, true};
}

struct range {
  std::uint32_t first;
  std::uint32_t last;
};

template <std::size_t Count>
bool is_in(std::array<range, Count> const& ranges, std::uint32_t code) noexcept {
  return std::any_of(ranges.begin(), ranges.end(),
                     [code](range const& one) { return code >= one.first && code <= one.last; });
}

bool is_dangerous(std::uint32_t code) noexcept {
  // Controls, then marks that turn the direction of writing, line ends, and what is invisible.
  static constexpr std::array<range, 9> ranges{{{0, 0x1f},
                                                {0x7f, 0x9f},
                                                {0xad, 0xad},
                                                {0x61c, 0x61c},
                                                {0x200b, 0x200f},
                                                {0x2028, 0x202e},
                                                {0x2060, 0x206f},
                                                {0xfeff, 0xfeff},
                                                {0xe0000, 0xe0fff}}};
  return is_in(ranges, code);
}

std::size_t width_of(std::uint32_t code) noexcept {
  static constexpr std::array<range, 3> none{{{0x300, 0x36f}, {0x591, 0x5bd}, {0xfe00, 0xfe0f}}};
  static constexpr std::array<range, 9> two{{{0x1100, 0x115f},
                                             {0x2e80, 0xa4cf},
                                             {0xac00, 0xd7a3},
                                             {0xf900, 0xfaff},
                                             {0xfe30, 0xfe6f},
                                             {0xff00, 0xff60},
                                             {0xffe0, 0xffe6},
                                             {0x1f300, 0x1faff},
                                             {0x20000, 0x3fffd}}};
  if (is_in(none, code)) return 0;
  return is_in(two, code) ? 2 : 1;
}

void append_hexadecimal(std::string& out, std::uint32_t number, int digits_min) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int at = 7; at >= 0; --at) {
    auto const shift = static_cast<unsigned>(at) * 4;
    if ((number >> shift) != 0 || at < digits_min) out += digits[(number >> shift) & 0xfU];
  }
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto const one = first_of(text);
    if (!one.good || (one.code < 0x80 && is_dangerous(one.code))) {
      append_hexadecimal(out += "\\x", one.code, 2);
    } else if (is_dangerous(one.code)) {
      append_hexadecimal(out += "\\u{", one.code, 4);
      out += '}';
    } else {
      out += text.substr(0, one.bytes);
    }
    text.remove_prefix(one.bytes);
  }
  return out;
}

std::size_t columns_of(std::string_view text) noexcept {
  std::size_t columns = 0;
  while (!text.empty()) {
    auto const one = first_of(text);
    columns += width_of(one.code);
    text.remove_prefix(one.bytes);
  }
  return columns;
}

std::string cut(std::string_view text, std::size_t columns_max) {
  if (columns_of(text) <= columns_max) return std::string{text};
  if (columns_max == 0) return {};
  std::size_t bytes = 0;
  for (std::size_t columns = 0; bytes < text.size();) {
    auto const one = first_of(text.substr(bytes));
    columns += width_of(one.code);
    if (columns > columns_max - 1) break;
    bytes += one.bytes;
  }
  return std::string{text.substr(0, bytes)} + "…";
}

std::string padded(std::string_view text, std::size_t columns) {
  auto const used = columns_of(text);
  return std::string{text} + std::string(columns > used ? columns - used : 0, ' ');
}

std::string padded_left(std::string_view text, std::size_t columns) {
  auto const used = columns_of(text);
  return std::string(columns > used ? columns - used : 0, ' ') + std::string{text};
}

std::string grouped(unsigned long long number) {
  auto text = std::to_string(number);
  for (auto at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, 1, ',');
  }
  return text;
}

}  // namespace wixtokend::cli
