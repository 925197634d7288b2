#pragma once
// Who may do what, for people: what `wixtokend check` says of the access rules.

#include "daemon/config.hpp"

#include <string>

namespace wixtokend::daemon {

/// A line for each rule of a completed configuration, under one that names them; one line if there
/// is no rule.
[[nodiscard]] std::string access_text(configuration const& settings);

}  // namespace wixtokend::daemon
