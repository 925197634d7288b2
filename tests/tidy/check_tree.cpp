#include "tidy/checks.hpp"
#include "tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>
#include <string_view>

namespace wixtokend::tidy {

namespace {

bool is_cmake(source_file const& file) {
  return file.path.ends_with("CMakeLists.txt") || file.path.ends_with(".cmake");
}

// The words of a CMake text: without comments, quotes and parentheses; "(" and ")" stand alone.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (auto line : lines_of(text)) {
    line = line.substr(0, line.find('#'));
    std::string word;
    auto const end_word = [&] {
      if (!word.empty()) words.push_back(word);
      word.clear();
    };
    for (char const c : line) {
      if (c == '(' || c == ')') {
        end_word();
        words.emplace_back(1, c);
      } else if (std::isspace(static_cast<unsigned char>(c)) != 0 || c == '"') {
        end_word();
      } else {
        word += c;
      }
    }
    end_word();
  }
  return words;
}

// Where a source that a CMake file names is in the tree.
std::string path_of(source_file const& cmake, std::string_view word) {
  static constexpr std::string_view root = "${PROJECT_SOURCE_DIR}/";
  if (word.starts_with(root)) return std::string{word.substr(root.size())};
  // cmake/tests.cmake is included by tests/CMakeLists.txt, and its paths are relative to that.
  if (cmake.path == "cmake/tests.cmake") return "tests/" + std::string{word};
  auto const slash = cmake.path.rfind('/');
  auto const folder = slash == std::string::npos ? "" : cmake.path.substr(0, slash + 1);
  return folder + std::string{word};
}

bool lists_sources(std::string_view command) {
  static constexpr std::array commands{"wixtokend_library", "wixtokend_program", "wixtokend_tests",
                                       "wixtokend_fuzz",    "wixtokend_bench",   "add_library",
                                       "add_executable",    "target_sources"};
  return std::ranges::find(commands, command) != commands.end();
}

// For each source that a CMake file lists: how often.
std::map<std::string, int> listed_sources(std::vector<source_file> const& tree) {
  std::map<std::string, int> count;
  for (auto const& file : tree) {
    if (!is_cmake(file)) continue;
    std::string_view command;
    auto const words = words_of(file.text);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (i + 1 < words.size() && words[i + 1] == "(") command = words[i];
      if (words[i].ends_with(".cpp") && lists_sources(command)) ++count[path_of(file, words[i])];
    }
  }
  return count;
}

// The noun of a test file, and what it may be an aspect of: "engine_end", "engine".
std::vector<std::string> names_of(std::string noun) {
  std::vector<std::string> names{noun};
  for (auto cut = noun.rfind('_'); cut != std::string::npos; cut = noun.rfind('_')) {
    noun.resize(cut);
    names.push_back(noun);
  }
  return names;
}

findings check_links(source_file const& cmake) {
  findings found;
  auto const words = words_of(cmake.text);
  std::string_view library;
  for (std::size_t i = 0; i + 2 < words.size(); ++i) {
    if (words[i] == "wixtokend_library") library = words[i + 2];
    if (words[i] == ")") library = {};
    static constexpr std::string_view ours = "wixtokend::";
    auto const& word = words[i];
    if (library.empty() || !word.starts_with(ours)) continue;
    auto const used = std::string_view{word}.substr(ours.size());
    // `boost` holds the bodies of libraries: who may include them is checked at the includes.
    auto const rule = std::ranges::find(folder_rules(), library, &folder_rule::folder);
    if (used == "boost" || rule == folder_rules().end()) continue;
    if (std::ranges::find(rule->may_include, used) == rule->may_include.end()) {
      found.push_back(finding(cmake, 1, std::string{library} + " may not link " + word));
    }
  }
  return found;
}

}  // namespace

findings check_targets(std::vector<source_file> const& tree) {
  findings found;
  auto listed = listed_sources(tree);
  for (auto const& file : tree) {
    if (!file.path.ends_with(".cpp")) continue;
    auto const at = listed.find(file.path);
    auto const count = at == listed.end() ? 0 : at->second;
    if (count == 0) found.push_back(finding(file, 1, "no CMake target lists this file"));
    if (count > 1) found.push_back(finding(file, 1, "listed in more than one place"));
    if (at != listed.end()) listed.erase(at);
  }
  for (auto const& [path, count] : listed) {
    found.push_back(path + ":1: listed in CMake, but not there");
  }
  for (auto const& file : tree) {
    if (file.path == "src/CMakeLists.txt")
      std::ranges::move(check_links(file), back_inserter(found));
  }
  return found;
}

findings check_mirror(std::vector<source_file> const& tree) {
  std::set<std::string> nouns;  // "core/engine"
  for (auto const& file : tree) {
    if (file.area() == "src" && file.is_cpp()) {
      nouns.insert(std::string{file.folder()}.append("/").append(file.noun()));
    }
  }
  findings found;
  for (auto const& file : tree) {
    static constexpr std::string_view ending = "_test";
    if (file.area() != "tests" || !file.is_cpp() || !file.noun().ends_with(ending)) continue;
    auto const names =
        names_of(std::string{file.noun().substr(0, file.noun().size() - ending.size())});
    auto const folder = std::string{file.folder()};
    if (std::ranges::none_of(names, [&](std::string const& name) {
          return file.text.find("TEST_SUITE(\"" + folder + "." + name + "\")") != std::string::npos;
        })) {
      found.push_back(finding(file, 1, "has no TEST_SUITE(\"" + folder + "." + names[0] + "\")"));
    }
    bool const mirrors =
        std::ranges::find(folder_rules(), folder, &folder_rule::folder) != folder_rules().end();
    if (mirrors && std::ranges::none_of(names, [&](std::string const& name) {
          return nouns.contains(folder + "/" + name);
        })) {
      found.push_back(finding(file, 1, "tests no file of src/" + folder));
    }
  }
  return found;
}

}  // namespace wixtokend::tidy
