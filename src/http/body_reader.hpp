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

/// What one look at the bytes of a body came to.
struct body_piece {
  std::size_t taken = 0;    ///< bytes that are done with; the data are the last of them
  std::string_view data{};  ///< of the body, within the bytes that were looked at; may be empty
};

/// Collects one body, in memory, up to a limit; or hands it out piece by piece. Bodies hold
/// secrets: what was collected and is not taken is wiped.
class body_reader {
 public:
  /// A limit for bodies that are handed out.
  static constexpr std::size_t unlimited = SIZE_MAX;

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

  /// As `feed`, but returns at the first data that it finds, and keeps none. A body is read by one
  /// of the two only. @returns no data: the body is complete, or more bytes are needed.
  result<body_piece> next(std::string_view bytes);

  /// The stream has ended. @returns false if the body is not whole.
  bool end_of_stream() noexcept;

  [[nodiscard]] bool complete() const noexcept { return state_ == state::complete; }

  /// The body; once.
  [[nodiscard]] std::string take() noexcept;

 private:
  enum class state { complete, data, to_the_end, chunk_line, chunk_data, chunk_end, trailer };

  [[nodiscard]] bool in_data() const noexcept;
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
  std::size_t size_ = 0;  // of the body so far
  std::size_t line_bytes_max_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t reserved_ = 0;  // for the body, once it is collected
  std::string body_;
};

}  // namespace wixtokend::http
