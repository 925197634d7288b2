#pragma once
// The body of a message, out of the framing that its head announced.

#include "base/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wixtokend::http {

/// Where a body ends (RFC 9112 section 6.3).
enum class framing {
  none,         ///< there is no body
  length,       ///< after `Content-Length` bytes
  chunked,      ///< after the last chunk and its trailer
  until_close,  ///< with the stream; responses only
};

/// Collects one body, in memory, up to a limit. Bodies hold secrets: what is not taken is wiped.
class body_reader {
 public:
  body_reader() = default;

  /// @param size            The length, where that is the framing.
  /// @param size_max        More than that is `body_too_large`, as early as it is known.
  /// @param line_bytes_max  The limit of one chunk's line, and of the trailer as a whole:
  ///                        `header_too_large`.
  body_reader(framing how, std::uint64_t size, std::size_t size_max, std::size_t line_bytes_max);
  body_reader(body_reader const&) = delete;
  body_reader& operator=(body_reader const&) = delete;
  body_reader& operator=(body_reader&& other) noexcept;
  ~body_reader();

  /// Takes bytes until the body is complete or no more can be used; the rest is to be offered
  /// again. @returns how many were taken. Errors: `malformed_message` and those named above.
  result<std::size_t> feed(std::string_view bytes);

  /// The stream has ended. @returns false if the body is not whole.
  bool end_of_stream() noexcept;

  [[nodiscard]] bool complete() const noexcept { return state_ == state::complete; }

  /// The body; once.
  [[nodiscard]] std::string take() noexcept;

 private:
  enum class state { complete, data, to_the_end, chunk_line, chunk_data, chunk_end, trailer };

  // One step: how many bytes were taken, 0 if more are needed.
  result<std::size_t> step(std::string_view bytes);
  result<std::size_t> read_data(std::string_view bytes, state next);
  result<std::size_t> read_to_the_end(std::string_view bytes);
  result<std::size_t> read_chunk_line(std::string_view bytes);
  result<std::size_t> read_chunk_end(std::string_view bytes);
  result<std::size_t> read_trailer(std::string_view bytes);

  state state_ = state::complete;
  std::uint64_t left_ = 0;  // of the body, or of the chunk
  std::size_t size_max_ = 0;
  std::size_t line_bytes_max_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::string body_;
};

}  // namespace wixtokend::http
