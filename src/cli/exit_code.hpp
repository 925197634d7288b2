#pragma once
// With what `wixtoken` ends: the numbers of sysexits(3h) where they fit. Stable; docs/clients.md.

#include "wixtoken/error.hpp"

namespace wixtokend::cli {

enum class exit_code : int {
  good = 0,
  not_ready = 1,        ///< `status`: the daemon answered, and is not ready
  usage = 64,           ///< the command line is wrong
  bad_data = 65,        ///< the daemon cannot make sense of an id, a value or a line
  no_input = 66,        ///< a file that was named cannot be read
  unknown = 67,         ///< no such instance, or no such app
  refused_by_wix = 68,  ///< Wix refuses the app or the instance
  unreachable = 69,     ///< the socket is missing, dead, not permitted, or not the expected one
  internal = 70,        ///< a bug or a lack of memory
  conflict = 73,        ///< another refresh token is stored, or there is no store for it
  output = 74,          ///< the output cannot be written
  try_again = 75,       ///< no token now, a limit, a deadline: later it may work
  protocol = 76,        ///< what answered is not a daemon of this version
  denied = 77,          ///< the daemon's policy does not grant it to this user
};

/// With what a command ends that got this error.
[[nodiscard]] exit_code exit_code_of(wixtoken::error_kind kind) noexcept;

}  // namespace wixtokend::cli
