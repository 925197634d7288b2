#pragma once
// What is wrong with a configuration, and where.

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::daemon {

/// A place in a file, counted from 1; line 0 is the file as a whole.
struct config_position {
  unsigned line = 0;
  unsigned column = 0;

  friend auto operator<=>(config_position const&, config_position const&) = default;
};

/// One thing that is wrong, or worth a warning. Texts never repeat a value from the file, except
/// names of files, users and groups: a value may be a secret that stands in the wrong place.
struct config_problem {
  config_position where;
  std::string key;   ///< "limits.header_timeout"; empty if no key is concerned
  std::string text;  ///< what is wrong and what would be right
};

/// `FILE:LINE:COLUMN: KEY: TEXT`, in one line.
[[nodiscard]] std::string to_text(std::string_view file, config_problem const& problem);

/// Puts problems into the order of their places in the file.
void sort_by_position(std::vector<config_problem>& problems);

}  // namespace wixtokend::daemon
