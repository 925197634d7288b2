#pragma once
// Our rules as data: who may include whom, and what is banned where.

#include <string_view>
#include <vector>

namespace wixtokend::tidy {

/// What the files of src/<folder>, and of tests/<folder>, may include of ours, besides themselves.
struct folder_rule {
  std::string_view folder;
  std::vector<std::string_view> may_include;
};

/// Who may include the headers of a library or of the system.
struct library_rule {
  /// `own_folder`: costly to compile, so that no header may bring them into files of other folders.
  enum class reach { own_folder, anywhere };

  std::string_view prefix;                ///< of the path between the angle brackets
  std::vector<std::string_view> folders;  ///< of src; tests of the same name may as well
  reach through_headers;
};

/// A word that may be used in code in some places only.
struct ban {
  std::string_view word;                     ///< whole identifiers, `::` in between
  std::string_view instead;                  ///< what to write, or why not
  std::vector<std::string_view> allowed_in;  ///< beginnings of paths
};

/// The dependency table of docs/ARCHITECTURE.md. A folder that is not in it must be added first.
std::vector<folder_rule> const& folder_rules();

/// The first rule of which the prefix matches holds.
std::vector<library_rule> const& library_rules();

/// The rule for <target>; null if there is none.
library_rule const* library_rule_of(std::string_view target);

/// Headers that read clocks, files, random devices or threads: not for the pure folders.
std::vector<std::string_view> const& impure_headers();
std::vector<std::string_view> const& pure_folders();

std::vector<ban> const& bans();

/// Words and paths that no text of ours contains, comments and documents included.
std::vector<ban> const& text_bans();

}  // namespace wixtokend::tidy
