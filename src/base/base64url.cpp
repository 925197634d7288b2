#include "base/base64url.hpp"

#include <cstdint>

namespace wixtokend {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint32_t byte_at(std::string_view bytes, std::size_t i) noexcept {
  return static_cast<unsigned char>(bytes[i]);
}

}  // namespace

std::string base64url_encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t bits = 0;
  unsigned held = 0;  // how many low bits of `bits` are still to be written
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bits = (bits << 8U) | byte_at(bytes, i);
    held += 8;
    while (held >= 6) {
      held -= 6;
      text.push_back(alphabet[(bits >> held) & 0x3fU]);
    }
  }
  if (held != 0) text.push_back(alphabet[(bits << (6 - held)) & 0x3fU]);
  return text;
}

result<std::string> base64url_decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (char const c : text) {
    auto const value = alphabet.find(c);
    if (value == std::string_view::npos) return errc::invalid_encoding;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<char>((bits >> held) & 0xffU));
    }
  }
  // One lone character holds no byte, and unused bits must be zero.
  if (held == 6 || (bits & ((1U << held) - 1U)) != 0) return errc::invalid_encoding;
  return bytes;
}

}  // namespace wixtokend
