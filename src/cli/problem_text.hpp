#pragma once
// Errors for people and for programs.

#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "wixtoken/error.hpp"

#include <string>
#include <string_view>

namespace wixtokend::cli {

/// What to do about one of the daemon's codes; empty: its description says all there is.
[[nodiscard]] std::string_view advice_for(std::string_view code) noexcept;

/// Several lines: what failed, what to do, what Wix said, what to look for in the log. Printable.
[[nodiscard]] std::string problem_text(wixtoken::error const& why);

/// The same as a JSON object of one line; the members are those of the daemon's own errors.
[[nodiscard]] std::string problem_json(wixtoken::error const& why);

/// Tells of an error on standard error. @param about  What it concerns, if there are several.
/// @returns with what to end.
exit_code report(console& to, bool json, wixtoken::error const& why, std::string_view about = {});

/// The same for what has no error of the client's.
exit_code complain(console& to, bool json, exit_code with, std::string_view what);

}  // namespace wixtokend::cli
