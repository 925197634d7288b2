#include "base/instance_id.hpp"

#include <cstring>

namespace wixtokend {
namespace {

constexpr std::size_t text_size = 36;
constexpr std::string_view digits = "0123456789abcdef";

constexpr bool is_dash_position(std::size_t i) noexcept {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

constexpr int value_of(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

constexpr std::uint64_t mix(std::uint64_t value) noexcept {  // the finaliser of SplitMix64
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

}  // namespace

result<instance_id> instance_id::parse(std::string_view text) noexcept {
  if (text.size() != text_size) return errc::invalid_instance_id;

  instance_id id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text_size; ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return errc::invalid_instance_id;
      continue;
    }
    int const value = value_of(text[i]);
    if (value < 0) return errc::invalid_instance_id;
    auto& byte = id.bytes_[nibble / 2];
    byte = static_cast<std::uint8_t>(nibble % 2 == 0 ? value << 4 : byte | value);
    ++nibble;
  }
  return id;
}

std::string instance_id::to_string() const {
  std::string text;
  text.reserve(text_size);
  for (auto const byte : bytes_) {
    if (is_dash_position(text.size())) text.push_back('-');
    text.push_back(digits[byte >> 4U]);
    text.push_back(digits[byte & 0xfU]);
  }
  return text;
}

std::size_t hash_value(instance_key const& key) noexcept {
  std::array<std::uint64_t, 2> halves{};
  std::memcpy(halves.data(), key.instance.bytes().data(), sizeof halves);
  auto const app = static_cast<std::uint64_t>(key.app);
  return static_cast<std::size_t>(mix(halves[0] + 0x9e3779b97f4a7c15ULL * (app + 1)) ^
                                  mix(halves[1] ^ mix(halves[0])));
}

}  // namespace wixtokend
