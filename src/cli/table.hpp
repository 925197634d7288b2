#pragma once
// Rows of columns that fit a terminal, one row at a time: nothing is held back to find widths.

#include <cstddef>
#include <string>
#include <vector>

namespace wixtokend::cli {

/// A column of a table.
struct column {
  std::string title;
  std::size_t width;           ///< wider texts are cut; of the last column that is shown: at least
  bool right = false;          ///< flush right
  std::size_t from_total = 0;  ///< shown only where there are so many columns of the terminal
};

/// Lays out rows.
class table {
 public:
  /// @param total  The terminal's columns; 0: there is no limit, and nothing is cut.
  table(std::vector<column> columns, std::size_t total);

  [[nodiscard]] std::string header() const;

  /// @param cells  Printable, one for each column, also for those that are not shown.
  [[nodiscard]] std::string row(std::vector<std::string> const& cells) const;

 private:
  std::vector<column> columns_;
  std::size_t total_;
};

}  // namespace wixtokend::cli
