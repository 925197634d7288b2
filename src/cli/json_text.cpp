#include "cli/json_text.hpp"

namespace wixtokend::cli {

void append_json_string(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      (out += '\\') += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out.append("\\u00").append(1, digits[byte >> 4U]).append(1, digits[byte & 0xfU]);
    } else {
      out += c;
    }
  }
  out += '"';
}

json_object& json_object::raw(std::string_view name, std::string_view value) {
  text_ += text_.empty() ? '{' : ',';
  append_json_string(text_, name);
  text_.append(":").append(value);
  return *this;
}

json_object& json_object::text(std::string_view name, std::string_view value) {
  std::string quoted;
  append_json_string(quoted, value);
  return raw(name, quoted);
}

json_object& json_object::number(std::string_view name, std::int64_t value) {
  return raw(name, std::to_string(value));
}

json_object& json_object::number(std::string_view name, std::optional<std::int64_t> value) {
  return raw(name, value ? std::to_string(*value) : "null");
}

json_object& json_object::flag(std::string_view name, bool value) {
  return raw(name, value ? "true" : "false");
}

}  // namespace wixtokend::cli
