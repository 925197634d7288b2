#pragma once
// Instances as text: a row of the list, a page of all that is known.

#include "cli/table.hpp"
#include "wixtoken/instance.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace wixtokend::cli {

/// The table of `wixtoken list`. @param columns  Of the terminal; 0: nothing is cut or left out.
[[nodiscard]] table instance_table(std::size_t columns);
[[nodiscard]] std::vector<std::string> instance_cells(wixtoken::instance_view const& view,
                                                      std::int64_t now);

/// `429 throttled, 3 min ago: message`; printable.
[[nodiscard]] std::string failure_text(wixtoken::instance_failure const& failed, std::int64_t now);

/// All that is known, a line for each member.
[[nodiscard]] std::string view_text(wixtoken::instance_view const& view, std::int64_t now);

}  // namespace wixtokend::cli
