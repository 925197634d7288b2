#pragma once
// The errors of the client itself, each with what to do, and those that the daemon answers.

#include "wixtoken/detail/answer_reader.hpp"
#include "wixtoken/error.hpp"
#include "wixtoken/options.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace wixtoken::detail {

/// Connecting to this path failed with this `errno`.
[[nodiscard]] error connect_problem(std::string const& socket, int code);

/// The process behind the socket is of another user than expected.
[[nodiscard]] error wrong_owner(options const& settings, std::uint32_t seen);

/// An answer without what this client needs to find in it.
[[nodiscard]] error other_version(answer const& got, std::string_view what);

/// The caller's own mistake; nothing was sent.
[[nodiscard]] error invalid_argument(std::string description);

/// What an answer with a status from 400 on says.
[[nodiscard]] error problem_of(answer const& got);

/// Whether the daemon is being stopped: another one may be there soon.
[[nodiscard]] bool is_stopping(answer const& got);

}  // namespace wixtoken::detail
