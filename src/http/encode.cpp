// The writing half of the codec: plain text, so Beast has no part in it.
#include "base/text.hpp"
#include "http/codec.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace wixtokend::http {
namespace {

bool is_token(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c > 0x20 && c < 0x7f && c != ':';
  });
}

bool is_target(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

// A value cannot end its line: what would is replaced by a blank. Names, methods and targets are
// made by us, never from outside, and are asserted instead.
void append_value(std::string& out, std::string_view value) {
  for (char const c : value) {
    auto const byte = static_cast<unsigned char>(c);
    out.push_back((byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c);
  }
}

bool is_written_by_codec(std::string_view name) noexcept {
  return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
         equal_ignoring_case(name, "Transfer-Encoding");
}

void append_fields(std::string& out, fields const& headers) {
  for (auto const& [name, value] : headers) {
    if (is_written_by_codec(name)) continue;
    assert(is_token(name));
    out.append(name).append(": ");
    append_value(out, value);
    out.append("\r\n");
  }
}

// All of a response's head but its framing and the empty line.
void append_start(std::string& out, response const& message) {
  out.append("HTTP/1.1 ").append(std::to_string(message.status)).append(" ");
  out.append(reason_phrase(message.status)).append("\r\n");
  append_fields(out, message.headers);
  if (!message.keep_alive) out.append("Connection: close\r\n");
}

bool has_body_by_nature(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

std::string encode(request const& message) {
  assert(is_token(message.method) && is_target(message.target));
  std::string out;
  out.reserve(256 + message.body.size());
  out.append(message.method).append(" ").append(message.target).append(" HTTP/1.1\r\n");
  append_fields(out, message.headers);
  if (!message.keep_alive) out.append("Connection: close\r\n");
  if (!message.body.empty() || has_body_by_nature(message.method)) {
    out.append("Content-Length: ").append(std::to_string(message.body.size())).append("\r\n");
  }
  out.append("\r\n").append(message.body);
  return out;  // itself: what `append` returns would be copied, and this one left behind unwiped
}

std::string encode(response const& message, bool head_only) {
  bool const bodiless = message.status == 204 || message.status == 304;
  std::string out;
  out.reserve(256 + message.body.size());
  append_start(out, message);
  if (!bodiless) {
    out.append("Content-Length: ").append(std::to_string(message.body.size())).append("\r\n");
  }
  out.append("\r\n");
  if (!bodiless && !head_only) out.append(message.body);
  return out;
}

std::string encode_head(response const& message, framing how) {
  assert(how == framing::chunked || (how == framing::until_close && !message.keep_alive));
  std::string out;
  append_start(out, message);
  if (how == framing::chunked) out.append("Transfer-Encoding: chunked\r\n");
  return out.append("\r\n");
}

std::string chunk_line(std::size_t size) {
  assert(size != 0);  // that would be the last one
  std::array<char, 2 * sizeof(size)> digits{};
  auto const end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  return std::string{digits.data(), end}.append("\r\n");
}

}  // namespace wixtokend::http
