#pragma once
// HTTP/1.1 between bytes and messages, without I/O.

#include "base/error.hpp"
#include "http/body_reader.hpp"
#include "http/message.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace wixtokend::http {

/// What a decoder accepts before it gives up.
struct limits {
  std::size_t header_bytes_max = 16 * 1024;
  std::size_t body_bytes_max = 64 * 1024;
};

/// Says of a request's method and target whether its body is handed out in pieces, however long it
/// is, instead of being collected.
using streaming_test = bool (*)(std::string_view method, std::string_view target);

/// Reads requests off a byte stream, one after the other (keep-alive and pipelining).
///
/// After an error the stream's framing is lost: answer, then close. Strict on what smuggling is
/// made of: bare line feeds, obsolete folding, more than one `Host` or `Content-Length`, both
/// framing headers, and any transfer coding but `chunked` are `malformed_message` (RFC 9112
/// sections 2.2, 5.2, 6.1, 6.3). Trailer fields are dropped. An HTTP/1.0 request never keeps the
/// connection.
///
/// A request whose body is handed out is taken with `take_head` once `streaming` is true; then
/// `next_piece` gives the body, and after its end `restart` goes on to the next request.
class request_decoder {
 public:
  /// @param streams  Null: every body is collected.
  explicit request_decoder(limits bounds, streaming_test streams = nullptr);
  request_decoder(request_decoder&&) noexcept;
  request_decoder& operator=(request_decoder&&) noexcept;
  ~request_decoder();

  /// Takes bytes from the front of `bytes` until a request is complete or no more can be used.
  /// @returns how many were taken. What was not taken, an incomplete head or chunk header, or bytes
  ///          behind a complete request, is to be offered again, in front of what follows it; it
  ///          is never more than `header_bytes_max` while the request is incomplete.
  ///          Errors: `malformed_message`, `header_too_large`, `body_too_large`.
  result<std::size_t> feed(std::string_view bytes);

  /// True once a byte of the present request has been seen.
  [[nodiscard]] bool started() const noexcept;
  /// True once the head of the present request is complete.
  [[nodiscard]] bool head_complete() const noexcept;
  /// True once the whole request is there.
  [[nodiscard]] bool complete() const noexcept;
  /// True if the client waits for `100 Continue` before it sends the body (RFC 9110 section
  /// 10.1.1); meaningful once the head is complete.
  [[nodiscard]] bool expects_continue() const;

  /// Hands over the complete request and starts on the next one.
  [[nodiscard]] request take();

  /// True if the head is complete of a request whose body is to be handed out and not yet at its
  /// end. One without a body is simply complete.
  [[nodiscard]] bool streaming() const noexcept;
  /// Hands over the request without its body; once, while `streaming` is true.
  [[nodiscard]] request take_head();
  /// Looks for the next data of the body. What was not taken is to be offered again, as with
  /// `feed`; it is less than `header_bytes_max` where there are no data. Nothing is kept.
  /// @returns no data: the body has ended if `complete()`, else more bytes are needed.
  ///          Errors: `malformed_message`, `header_too_large`.
  result<body_piece> next_piece(std::string_view bytes);
  /// After the end of a body that was handed out: starts on the next request.
  void restart();

 private:
  struct state;
  std::unique_ptr<state> state_;
  limits limits_;
  streaming_test streams_;
};

/// Reads responses off a byte stream; as strict as `request_decoder`.
class response_decoder {
 public:
  static constexpr int interim_max = 8;

  explicit response_decoder(limits bounds);
  response_decoder(response_decoder&&) noexcept;
  response_decoder& operator=(response_decoder&&) noexcept;
  ~response_decoder();

  /// As `request_decoder::feed`. Interim (1xx) responses are skipped, at most `interim_max`.
  result<std::size_t> feed(std::string_view bytes);

  /// Tells that the stream has ended, which completes a body that is framed by closing.
  /// @returns `connection_closed` if the response is not whole.
  result<void> finish();

  [[nodiscard]] bool started() const noexcept;
  [[nodiscard]] bool complete() const noexcept;

  /// Hands over the complete response and starts on the next one. `keep_alive` says whether the
  /// connection may be used again.
  [[nodiscard]] response take();

 private:
  struct state;
  std::unique_ptr<state> state_;
  limits limits_;
  int interim_count_ = 0;
};

/// The bytes of a request. Its own `Content-Length`, `Connection` and `Transfer-Encoding` fields
/// are left out: the codec writes what is right. A control character in a value becomes a blank, so
/// no value can begin another line; method, target and field names must not have any (asserted).
/// Adds `Content-Length` when there is a body or the method is `POST`, `PUT` or `PATCH`, and
/// `Connection: close` without keep-alive. The caller sets `Host`.
[[nodiscard]] std::string encode(request const& message);

/// The bytes of a response; fields as for a request. `head_only` leaves out the body but not its
/// length (answers to `HEAD`). 204 and 304 have neither.
[[nodiscard]] std::string encode(response const& message, bool head_only = false);

/// The head of a response whose body follows in pieces: in chunks, or up to the end of the
/// connection, which must not be kept then (asserted).
[[nodiscard]] std::string encode_head(response const& message, framing how);

/// What comes before the data of a chunk, which are followed by `chunk_end`.
[[nodiscard]] std::string chunk_line(std::size_t size);
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

}  // namespace wixtokend::http
