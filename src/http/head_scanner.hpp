#pragma once
// Finds where the head of an HTTP/1.1 message ends.

#include "base/error.hpp"

#include <cstddef>
#include <string_view>

namespace wixtokend::http {

/// Looks for the empty line line by line, and refuses what a lenient reader would see lines in:
/// bare line feeds and folded lines (RFC 9112 sections 2.2 and 5.2). It remembers how far it came,
/// so that bytes that dribble in are looked at once.
class head_scanner {
 public:
  /// @param bytes  From the first byte of the message on; each call repeats what earlier calls had.
  /// @returns the size of the head with its empty line, or 0 if it is incomplete.
  ///          Errors: `malformed_message`; `header_too_large` if it is longer than `size_max`.
  result<std::size_t> find_end(std::string_view bytes, std::size_t size_max) noexcept;

 private:
  std::size_t line_ = 0;      // where the line begins that is not complete yet
  std::size_t searched_ = 0;  // how far that line was searched for its end
};

}  // namespace wixtokend::http
