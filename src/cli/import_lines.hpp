#pragma once
// The lines of an import, as the daemon takes them. Pure.

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::cli {

/// Reads one line without its end. @returns false at the end of the input. A line of more than
/// `size_max` bytes is cut one byte after that, so that it can be told.
bool read_line(std::istream& in, std::string& into, std::size_t size_max);

/// What a line is.
enum class line_kind : std::uint8_t {
  nothing,   ///< blank, a comment (`#`), or the head of a table
  instance,  ///< appended to the batch
};

/// Appends the line of the daemon's that this one stands for: an id; an id and a refresh token,
/// with a comma, a semicolon or blanks between them, quoted or not; or JSON, which stays as it is.
line_kind append_line(std::string_view line, std::string& batch);

}  // namespace wixtokend::cli
