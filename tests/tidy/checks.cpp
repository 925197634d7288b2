#include "tidy/checks.hpp"

#include "tidy/rules.hpp"

#include <algorithm>
#include <cstddef>

namespace wixtokend::tidy {

namespace {

constexpr std::size_t columns_max = 100;
constexpr std::size_t lines_max = 400;

bool is_code(source_file const& file) {
  return file.is_cpp() || file.path.ends_with(".cmake") || file.path.ends_with("CMakeLists.txt") ||
         file.path.ends_with(".sh") || file.noun() == "dev" || file.area() == ".ci";
}

// UTF-8: every byte but the continuations starts a character.
std::size_t columns(std::string_view line) {
  return static_cast<std::size_t>(std::ranges::count_if(
      line, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool contains(std::vector<std::string_view> const& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

std::string wrong_include(source_file const& file, std::string_view target) {
  auto const slash = target.find('/');
  if (slash == std::string_view::npos || target.starts_with(".")) {
    return "write the path from src: \"folder/noun.hpp\"";
  }
  auto const theirs = target.substr(0, slash);
  if (wires_everything(file) || theirs == file.folder()) return {};
  if (file.area() == "tests" && theirs == "support") return {};
  if (file.area() == "include") return theirs == "wixtoken" ? "" : "is for users: only wixtoken/";

  auto const rule = std::ranges::find(folder_rules(), file.folder(), &folder_rule::folder);
  if (rule == folder_rules().end()) {
    return "the dependency table (tests/tidy/rules.cpp) has no folder " +
           std::string{file.folder()};
  }
  if (contains(rule->may_include, theirs)) return {};
  return std::string{file.folder()} + " may not include " + std::string{target};
}

std::string wrong_library(source_file const& file, std::string_view target) {
  if (wires_everything(file)) return {};
  bool const in_tests = file.area() == "tests";
  if (!in_tests && contains(pure_folders(), file.folder())) {
    for (auto const prefix : impure_headers()) {
      bool const matches = prefix.ends_with("/") || prefix.find('/') != std::string_view::npos
                               ? target.starts_with(prefix)
                               : target == prefix;
      if (matches) return std::string{file.folder()} + " is pure: no <" + std::string{target} + ">";
    }
  }
  auto const* const rule = library_rule_of(target);
  if (rule == nullptr) return {};
  if (!contains(rule->folders, file.folder())) {
    return std::string{file.folder()} + " may not include <" + std::string{target} + ">";
  }
  return {};
}

// The offset of `word` in `code` as whole identifiers, from `from` on.
std::size_t find_word(std::string_view code, std::string_view word, std::size_t from) {
  for (auto at = code.find(word, from); at != std::string_view::npos;
       at = code.find(word, at + 1)) {
    bool const begins = at == 0 || !is_word(code[at - 1]);
    auto const end = at + word.size();
    if (begins && (end == code.size() || !is_word(code[end]))) return at;
  }
  return std::string_view::npos;
}

bool is_allowed(ban const& banned, source_file const& file) {
  return std::ranges::any_of(banned.allowed_in,
                             [&](auto const place) { return file.path.starts_with(place); });
}

}  // namespace

findings check_shape(source_file const& file) {
  findings found;
  if (!is_code(file)) return found;
  auto const lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto const line = lines[i];
    if (columns(line) > columns_max) found.push_back(finding(file, i + 1, "over 100 columns"));
    if (line.find('\t') != std::string_view::npos) found.push_back(finding(file, i + 1, "a tab"));
    if (line.ends_with(' ')) found.push_back(finding(file, i + 1, "blanks at the end"));
  }
  if (!file.text.ends_with('\n')) found.push_back(finding(file, lines.size(), "no line end"));
  if (!file.is_cpp()) return found;

  if (lines.size() > lines_max) found.push_back(finding(file, lines.size(), "over 400 lines"));
  if (file.is_header()) {
    if (!file.text.starts_with("#pragma once\n")) {
      found.push_back(finding(file, 1, "a header opens with #pragma once"));
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      // Within a function it is indented, and may stand.
      if (lines[i].starts_with("using namespace") && !lines[i].ends_with("literals;")) {
        found.push_back(finding(file, i + 1, "using namespace in a header"));
      }
    }
  }
  return found;
}

findings check_includes(source_file const& file) {
  findings found;
  if (!file.is_cpp()) return found;
  for (auto const& included : includes_of(file)) {
    auto const what =
        included.ours ? wrong_include(file, included.target) : wrong_library(file, included.target);
    if (!what.empty()) found.push_back(finding(file, included.line, what));
  }
  return found;
}

findings check_bans(source_file const& file) {
  findings found;
  auto const report = [&](ban const& banned, std::size_t at) {
    auto const what = std::string{banned.word} + ": instead, " + std::string{banned.instead};
    found.push_back(finding(file, line_at(file.text, at), what));
  };
  for (auto const& banned : bans()) {
    if (is_allowed(banned, file)) continue;
    for (auto at = find_word(file.code, banned.word, 0); at != std::string::npos;
         at = find_word(file.code, banned.word, at + 1)) {
      report(banned, at);
    }
  }
  for (auto const& banned : text_bans()) {
    bool const is_path = banned.word.find('/') != std::string_view::npos;
    auto const find = [&](std::size_t from) {
      return is_path ? file.text.find(banned.word, from) : find_word(file.text, banned.word, from);
    };
    for (auto at = find(0); at != std::string::npos; at = find(at + 1)) report(banned, at);
  }
  return found;
}

}  // namespace wixtokend::tidy
