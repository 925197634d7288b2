#pragma once
// A file of the source tree, as text and as code.

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::tidy {

/// A file of ours.
struct source_file {
  std::string path;  ///< from the root of the tree, with slashes
  std::string text;  ///< as it is
  std::string code;  ///< of C++: `text` without comments and literals (see `blanked`)

  /// "src", "tests", "include" or another folder at the root; empty for a file there.
  [[nodiscard]] std::string_view area() const;

  /// The folder below the area: "core" of src/core/engine.cpp.
  [[nodiscard]] std::string_view folder() const;

  /// The name without its ending: "engine" of src/core/engine.cpp.
  [[nodiscard]] std::string_view noun() const;

  [[nodiscard]] bool is_header() const;
  [[nodiscard]] bool is_cpp() const;
};

/// An #include of a file.
struct include {
  std::size_t line;
  std::string_view target;  ///< what stands between the quotes or the angle brackets
  bool ours;                ///< between quotes
};

std::vector<include> includes_of(source_file const& file);

/// Whether the file is of a folder without a layer, which may use everything: benchmarks, and those
/// tests that wire several folders.
bool wires_everything(source_file const& file);

/// Makes one from its parts; used by the tests of the checks as well.
source_file make_source_file(std::string path, std::string text);

/// Reads all text files of ours below `root`: C++, CMake, shell, Markdown, configuration. Leaves
/// out what is built, hidden folders other than .ci, and node_modules. In the order of their paths.
std::vector<source_file> read_tree(std::filesystem::path const& root);

/// C++ with blanks instead of comments and of what stands in string and character literals. Keeps
/// every other character and every line where it was.
std::string blanked(std::string_view text);

/// Whether `c` can be part of an identifier.
bool is_word(char c);

/// The number of the line, from 1, that holds `offset`.
std::size_t line_at(std::string_view text, std::size_t offset);

/// The lines of `text`, without their ends.
std::vector<std::string_view> lines_of(std::string_view text);

/// "path:line: what".
std::string finding(source_file const& file, std::size_t line, std::string_view what);

}  // namespace wixtokend::tidy
