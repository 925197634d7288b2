#include "emulator/form.hpp"

#include <algorithm>

namespace wixtokend::emulator {
namespace {

int hexadecimal(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

result<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    int const high = i + 2 < text.size() ? hexadecimal(text[i + 1]) : -1;
    int const low = i + 2 < text.size() ? hexadecimal(text[i + 2]) : -1;
    if (high < 0 || low < 0) return errc::invalid_encoding;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

}  // namespace

result<form> parse_form(std::string_view text) {
  form fields;
  while (!text.empty()) {
    auto const part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.empty()) continue;

    auto const equals = std::min(part.find('='), part.size());
    auto name = decoded(part.substr(0, equals));
    auto value = decoded(part.substr(std::min(part.size(), equals + 1)));
    if (!name.has_value()) return name.error();
    if (!value.has_value()) return value.error();
    fields.emplace_back(*std::move(name), *std::move(value));
  }
  return fields;
}

std::optional<std::string_view> find(form const& fields, std::string_view name) {
  auto const found =
      std::ranges::find(fields, name, [](auto const& one) { return std::string_view{one.first}; });
  if (found == fields.end()) return std::nullopt;
  return found->second;
}

}  // namespace wixtokend::emulator
