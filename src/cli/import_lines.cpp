#include "cli/import_lines.hpp"

#include "base/text.hpp"
#include "cli/json_text.hpp"

#include <algorithm>

namespace wixtokend::cli {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trimmed(std::string_view text) noexcept {
  auto const first = text.find_first_not_of(blanks);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view unquoted(std::string_view text) noexcept {
  bool const quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

bool is_head(std::string_view id) noexcept {
  return equal_ignoring_case(id, "instance_id") || equal_ignoring_case(id, "instanceid");
}

}  // namespace

bool read_line(std::istream& in, std::string& into, std::size_t size_max) {
  using traits = std::istream::traits_type;
  into.clear();
  auto* const from = in.rdbuf();
  for (bool any = false;; any = true) {
    auto const c = from->sbumpc();
    if (traits::eq_int_type(c, traits::eof())) {
      if (!any) in.setstate(std::ios::eofbit);
      return any;
    }
    if (traits::to_char_type(c) == '\n') return true;
    if (into.size() <= size_max) into.push_back(traits::to_char_type(c));
  }
}

line_kind append_line(std::string_view line, std::string& batch) {
  auto const text = trimmed(line);
  if (text.empty() || text.front() == '#') return line_kind::nothing;
  if (text.front() == '{') {
    batch.append(text).append("\n");
    return line_kind::instance;
  }
  auto const end = std::min(text.find_first_of(",; \t"), text.size());
  auto const id = unquoted(text.substr(0, end));
  if (is_head(id)) return line_kind::nothing;
  auto rest = trimmed(text.substr(end));
  if (!rest.empty() && (rest.front() == ',' || rest.front() == ';')) {
    rest = trimmed(rest.substr(1));
  }
  auto const token = unquoted(rest);

  batch += "{\"instance_id\":";
  append_json_string(batch, id);
  if (!token.empty()) {
    batch += ",\"grant\":\"refresh_token\",\"refresh_token\":";
    append_json_string(batch, token);
  }
  batch += "}\n";
  return line_kind::instance;
}

}  // namespace wixtokend::cli
