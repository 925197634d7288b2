#pragma once
// Lines out of a body that comes in pieces.

#include "api/wiped_buffer.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace wixtokend::api {

/// Cuts pieces of text into lines, each ended by a line feed, with a carriage return before it or
/// without. Keeps what is cut in two by the end of a piece, at most `line_bytes_max` of it, and
/// wipes it, because lines carry refresh tokens.
class line_splitter {
 public:
  struct line {
    std::string_view text;   ///< without its end; valid until the next call
    bool too_large = false;  ///< over the limit: nothing of it is kept
  };

  explicit line_splitter(std::size_t line_bytes_max) noexcept : line_bytes_max_{line_bytes_max} {}

  /// Takes the next piece, which must stay valid until `next` has given nothing. The one before
  /// must have been used up so (asserted).
  void feed(std::string_view piece);

  /// The next whole line.
  [[nodiscard]] std::optional<line> next();

  /// After the end of the body: what stands behind the last line feed, if anything does.
  [[nodiscard]] std::optional<line> rest();

 private:
  [[nodiscard]] line finished(std::string_view text, bool too_large) const noexcept;
  void keep(std::string_view part);

  std::size_t line_bytes_max_;
  std::string_view piece_;
  wiped_buffer kept_;      // the beginning of a line
  bool skipping_ = false;  // that line is too large
  bool given_ = false;     // `kept_` was given out, and is to be forgotten
};

}  // namespace wixtokend::api
