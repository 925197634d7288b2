#include "api/target.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::api {
namespace {

enum class plus { literal, blank };

// Visible ASCII: what a URI consists of, at the most (RFC 3986 section 2 allows even less).
bool is_uri_text(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool has_control_character(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; });
}

int hex_value(char digit) noexcept {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

result<std::string> decode(std::string_view text, plus means) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && means == plus::blank) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (text.size() - i < 3) return errc::invalid_encoding;
      int const high = hex_value(text[i + 1]);
      int const low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return errc::invalid_encoding;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  if (has_control_character(out) || !is_utf8(out)) return errc::invalid_encoding;
  return out;
}

// Takes what stands before `mark` off the front of `rest`, and the mark with it.
std::string_view cut(std::string_view& rest, char mark) noexcept {
  auto const at = rest.find(mark);
  auto const piece = rest.substr(0, at);
  rest.remove_prefix(at == rest.npos ? rest.size() : at + 1);
  return piece;
}

result<parameters> parse_parameters(std::string_view text, plus means) {
  parameters all;
  while (!text.empty()) {
    auto value = cut(text, '&');
    if (value.empty()) continue;
    auto name = decode(cut(value, '='), means);
    if (!name.has_value()) return name.error();
    auto decoded = decode(value, means);
    if (!decoded.has_value()) return decoded.error();
    all.push_back({*std::move(name), *std::move(decoded)});
  }
  return all;
}

}  // namespace

result<target> parse_target(std::string_view text) {
  if (!text.starts_with('/') || !is_uri_text(text)) return errc::invalid_address;
  if (text.find('#') != text.npos) return errc::invalid_address;

  auto const question = text.find('?');
  target found;
  auto path = text.substr(0, question);
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    auto segment = decode(path.substr(0, path.find('/')), plus::literal);
    if (!segment.has_value()) return segment.error();
    path.remove_prefix(std::min(path.find('/'), path.size()));
    found.path.push_back(*std::move(segment));
  }
  if (question != text.npos) {
    auto query = parse_parameters(text.substr(question + 1), plus::literal);
    if (!query.has_value()) return query.error();
    found.query = *std::move(query);
  }
  return found;
}

result<parameters> parse_form(std::string_view text) {
  return parse_parameters(text, plus::blank);
}

}  // namespace wixtokend::api
