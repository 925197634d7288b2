#include "observe/log_line.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <cstdint>

namespace wixtokend::observe {
namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

// One character of a value: a valid UTF-8 sequence, or a single byte that starts none.
struct character {
  std::string_view bytes;
  std::uint32_t code_point = 0;
  bool valid = false;
};

character first_character(std::string_view text) noexcept {
  auto const lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {text.substr(0, 1), lead, true};

  std::size_t const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (text.size() < size || !is_utf8(text.substr(0, size))) return {text.substr(0, 1), lead, false};

  std::uint32_t code_point = lead & (0xffU >> (size + 1));
  for (char const c : text.substr(1, size - 1)) {
    code_point = code_point << 6U | (static_cast<unsigned char>(c) & 0x3fU);
  }
  return {text.substr(0, size), code_point, true};
}

// False for characters that are not seen but change what is seen: controls, zero-width characters,
// direction marks, line separators, tags.
bool is_visible(std::uint32_t c) noexcept {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return false;
  if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)) return false;
  if ((c >= 0x2060 && c <= 0x206f) || c == 0xfeff) return false;
  return c < 0xe0000;
}

void append_hex(std::string& out, std::uint32_t value, unsigned digits) {
  while (digits-- > 0) out.push_back(hex_digits[value >> (4 * digits) & 0xfU]);
}

// Escapes that C, JSON and readers of logs agree on; false if `c` has none.
bool append_common_escape(std::string& out, std::uint32_t c) {
  switch (c) {
    case '"': out += "\\\""; return true;
    case '\\': out += "\\\\"; return true;
    case '\n': out += "\\n"; return true;
    case '\r': out += "\\r"; return true;
    case '\t': out += "\\t"; return true;
    default: return false;
  }
}

void append_for_text(std::string& out, character const& c) {
  if (c.valid && append_common_escape(out, c.code_point)) return;
  if (c.valid && is_visible(c.code_point)) {
    out += c.bytes;
    return;
  }
  for (char const byte : c.bytes) {
    out += "\\x";
    append_hex(out, static_cast<unsigned char>(byte), 2);
  }
}

void append_for_json(std::string& out, character const& c) {
  if (!c.valid) {
    out += "\\ufffd";
  } else if (append_common_escape(out, c.code_point)) {
    return;
  } else if (is_visible(c.code_point)) {
    out += c.bytes;
  } else if (c.code_point < 0x10000) {
    out += "\\u";
    append_hex(out, c.code_point, 4);
  } else {  // a surrogate pair (RFC 8259 section 7)
    auto const rest = c.code_point - 0x10000;
    out += "\\u";
    append_hex(out, 0xd800U | rest >> 10U, 4);
    out += "\\u";
    append_hex(out, 0xdc00U | (rest & 0x3ffU), 4);
  }
}

using appender = void (*)(std::string&, character const&);

std::string in_quotes(std::string_view value, appender append) {
  constexpr std::string_view cut = "…";
  constexpr std::size_t room = value_size_max - cut.size() - 1;  // the closing quote
  std::string out = "\"";
  while (!value.empty()) {
    auto const next = first_character(value);
    auto const size_before = out.size();
    append(out, next);
    if (out.size() > room) {
      out.resize(size_before);
      out += cut;
      break;
    }
    value.remove_prefix(next.bytes.size());
  }
  out.push_back('"');
  return out;
}

bool is_plain(std::string_view value) noexcept {
  return !value.empty() && value.size() <= value_size_max &&
         std::all_of(value.begin(), value.end(), [](char c) {
           return c > ' ' && c < '\x7f' && c != '"' && c != '\\' && c != '=';
         });
}

// Adds `piece` if there is still room for `cut` after it; else adds `cut`, and says no more.
bool append_piece(std::string& out, std::string_view piece, std::string_view cut) {
  auto const room = line_size_max - line_frame_size_max;
  if (out.size() + piece.size() + cut.size() > room) {
    out += cut;
    return false;
  }
  out += piece;
  return true;
}

}  // namespace

std::string text_body(std::string_view event, std::span<log_field const> fields) {
  std::string out{event};
  for (auto const& one : fields) {
    std::string piece = " ";
    piece += one.key;
    piece += '=';
    piece += is_plain(one.value) ? one.value : in_quotes(one.value, append_for_text);
    if (!append_piece(out, piece, " truncated=true")) break;
  }
  return out;
}

std::string json_body(std::string_view event, std::span<log_field const> fields) {
  std::string out = "\"event\":\"";
  out += event;
  out += '"';
  for (auto const& one : fields) {
    std::string piece = ",\"";
    piece += one.key;
    piece += "\":";
    piece += in_quotes(one.value, append_for_json);
    if (!append_piece(out, piece, R"(,"truncated":"true")")) break;
  }
  return out;
}

}  // namespace wixtokend::observe
