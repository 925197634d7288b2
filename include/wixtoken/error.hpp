#pragma once
// What a call gives when it does not succeed: a value, in the words of the daemon where it spoke.

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace wixtoken {

/// What kind of failure it is, for a `switch`. `error::code` says which one.
enum class error_kind : std::uint8_t {
  unreachable,      ///< nobody listens at the socket's path, or nothing is there
  no_permission,    ///< the kernel does not let this user connect
  not_trusted,      ///< no socket stands there, or its owner is not the expected one
  timed_out,        ///< the call's own time is over
  connection_lost,  ///< the connection ended before the answer was whole
  protocol,         ///< what came is not an answer of a daemon of this version
  invalid,          ///< the request cannot be right: an id, a parameter, a body
  denied,           ///< the daemon's policy does not grant it to this user
  unknown,          ///< no such instance, or no such app
  conflict,         ///< another refresh token is stored, or there is no store to put it into
  refused_by_wix,   ///< Wix refuses the app or the instance
  unavailable,      ///< not now: no token to be had, a limit, a disk that cannot be written
};

/// The code's own word for a kind, as `unreachable`.
[[nodiscard]] char const* to_string(error_kind kind) noexcept;

/// What Wix said, where that is the reason.
struct upstream_error {
  unsigned status = 0;
  std::string code;
  std::string message;
  std::string request_id;  ///< what Wix's support asks for
};

/// Why a call did not succeed.
struct error {
  error_kind kind = error_kind::unavailable;
  /// Stable, for comparing: one of the daemon's codes (docs/api.md), or the client's own:
  /// `socket_missing`, `not_listening`, `permission_denied`, `not_a_socket`, `wrong_owner`,
  /// `timed_out`, `connection_lost`, `malformed_answer`, `other_version`, `invalid_argument`,
  /// `system_error`.
  std::string code;
  /// For people: what failed, and for the client's own codes what to do. It may repeat text from
  /// outside, so escape control characters before it goes to a terminal.
  std::string description;
  bool retryable = false;  ///< the same call may succeed later without anybody's doing
  std::optional<std::chrono::seconds> retry_after;  ///< when
  unsigned status = 0;                              ///< of HTTP; 0: there was no answer
  std::string request_id;                           ///< as in the daemon's log; empty: no answer
  std::optional<std::int64_t> max_min_valid;        ///< with `impossible_validity`: the most, in s
  std::optional<upstream_error> upstream;
};

/// A value or an error. `value()` throws `failure` if there is none.
template <class T>
using result = boost::system::result<T, error>;

/// What `result::value()` throws.
class failure : public std::runtime_error {
 public:
  explicit failure(error why);
  [[nodiscard]] error const& why() const noexcept { return why_; }

 private:
  error why_;
};

/// For `boost::system::result`.
[[noreturn]] void throw_exception_from_error(error const& why, boost::source_location const& where);

}  // namespace wixtoken
