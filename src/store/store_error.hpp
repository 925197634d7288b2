#pragma once
// Errors of the store: SQLite's as error codes, and the few of our own.

#include "base/error.hpp"

namespace wixtokend::store {

/// The category of SQLite's extended result codes. Its messages are English clauses without a full
/// stop that complete "X failed: …".
boost::system::error_category const& sqlite_category() noexcept;

/// An extended result code of SQLite as an error; `SQLITE_OK`, `_ROW` and `_DONE` are none.
[[nodiscard]] error_code sqlite_error(int extended_code) noexcept;

/// An error as the result of a question: `result<bool>` does not take it by itself.
[[nodiscard]] inline result<bool> unanswered(error_code reason) {
  return result<bool>{boost::system::in_place_error, reason};
}

/// What only the store can say.
enum class errc {
  seal_failed = 1,  ///< OpenSSL could not seal
  seal_broken,      ///< a sealed value, or what it belongs to, was changed
  unknown_key,      ///< sealed with a key that is not in the ring
  bad_record,       ///< sealed by us, yet not to be understood
};

boost::system::error_category const& store_category() noexcept;
error_code make_error_code(errc value) noexcept;

}  // namespace wixtokend::store

template <>
struct boost::system::is_error_code_enum<wixtokend::store::errc> : std::true_type {};
