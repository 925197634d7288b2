#pragma once
// A configuration written out in full, as the file that would give it.

#include "daemon/config.hpp"

#include <string>

namespace wixtokend::test {

/// All keys but those that are left at "none"; what was completed from elsewhere is not in it.
[[nodiscard]] std::string configuration_text(daemon::configuration const& settings);

}  // namespace wixtokend::test
