#include "api/request_ids.hpp"

#include <string_view>

namespace wixtokend::api {

std::string request_ids::next() {
  constexpr std::string_view digits = "0123456789abcdef";
  // SplitMix64: a bijection of the counter, so no value comes twice.
  std::uint64_t value = next_ += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  value ^= value >> 31U;

  std::string text(16, '0');
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit) {
    *digit = digits[value & 0xfU];
    value >>= 4U;
  }
  return text;
}

}  // namespace wixtokend::api
