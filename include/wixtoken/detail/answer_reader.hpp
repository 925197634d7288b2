#pragma once
// Reads the daemon's answers. Does no I/O: bytes in, an answer out. Not for users: it may change
// with any version.

#include "wixtoken/secret.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace wixtoken::detail {

/// An answer, as far as the client needs it. Its body may hold a token: it is wiped at the end.
struct answer {
  answer() = default;
  answer(answer&&) = default;
  answer& operator=(answer&&) = default;
  answer(answer const&) = delete;
  answer& operator=(answer const&) = delete;
  ~answer() { wipe(body); }

  unsigned status = 0;
  std::string request_id;
  std::string cache;  ///< `X-Cache`
  std::string body;
  bool keep_alive = false;
};

/// Reads one answer from a stream of bytes.
class answer_reader {
 public:
  answer_reader();
  answer_reader(answer_reader const&) = delete;
  answer_reader& operator=(answer_reader const&) = delete;
  ~answer_reader();

  /// Takes the next bytes. @returns false if this is no HTTP/1.1 answer, or too large a one; bytes
  /// after its end are too much as well, since nothing else was asked.
  [[nodiscard]] bool feed(std::string_view bytes);

  /// The stream has ended. @returns false if the answer had not.
  [[nodiscard]] bool finish();

  [[nodiscard]] bool complete() const noexcept;

  /// What was read. @pre `complete()`
  [[nodiscard]] answer take();

 private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace wixtoken::detail
