#pragma once
// How the daemon does in one line, for `systemctl status`.

#include "base/time.hpp"
#include "core/engine_types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::daemon {

/// How one app does.
struct app_state {
  std::string_view name;
  core::app_view seen;
};

/// "3 of 4 instances kept warm are usable; app main is refused: invalid_client".
/// @param reload_refused  Why the last reload was refused; empty if it was not.
[[nodiscard]] std::string status_line(std::vector<app_state> const& apps, instant now,
                                      std::string const& reload_refused);

}  // namespace wixtokend::daemon
