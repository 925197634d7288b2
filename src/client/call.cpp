#include "client/call.hpp"

#include <algorithm>

namespace wixtoken::detail {

std::string encode(call const& what) {
  std::string head = what.method + " " + what.target +
                     " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: wixtoken-client\r\n" +
                     what.headers;
  auto const body = what.body.reveal();
  if (!body.empty()) head += "Content-Type: application/json\r\n";
  if (what.method == "POST" || what.method == "PUT" || !body.empty()) {
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  head += "\r\n";
  std::string bytes;
  bytes.reserve(head.size() + body.size());  // once, so that no copy of a secret stays behind
  return std::move(bytes.append(head).append(body));
}

target::target(options const& settings) : text_{"/v1"} {
  if (!settings.app.empty()) {
    segment("apps");
    segment(settings.app);
  }
  segment("instances");
}

target& target::segment(std::string_view text) {
  text_ += '/';
  append_encoded(text);
  return *this;
}

target& target::parameter(std::string_view name, std::string_view value) {
  text_ += has_query_ ? '&' : '?';
  has_query_ = true;
  text_.append(name).append("=");
  append_encoded(value);
  return *this;
}

target& target::parameter(std::string_view name, std::chrono::milliseconds length) {
  auto const milliseconds = std::max<std::int64_t>(length.count(), 0);
  auto const rest = std::to_string(milliseconds % 1000);
  return parameter(
      name, std::to_string(milliseconds / 1000) + "." + std::string(3 - rest.size(), '0') + rest);
}

void target::append_encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  constexpr std::string_view plain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.";
  // A segment that is all dots would be taken for a step in the tree.
  bool const dots = text.find_first_not_of('.') == text.npos;
  for (char const c : text) {
    if (plain.find(c) != plain.npos && !(dots && c == '.')) {
      text_ += c;
      continue;
    }
    auto const byte = static_cast<unsigned char>(c);
    text_ += '%';
    text_ += digits[byte >> 4U];
    text_ += digits[byte & 0xfU];
  }
}

}  // namespace wixtoken::detail
