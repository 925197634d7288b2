#pragma once
// Fault scripts as JSON: how users of the control API write and read them.

#include "emulator/bad_json.hpp"
#include "emulator/faults.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::emulator {

/// Reads one fault (an object) or several (an array of them); docs/emulator.md lists the members.
/// Strict: a member that is unknown, of the wrong type, out of range, or that the fault's kind does
/// not know refuses the whole.
[[nodiscard]] parsed<std::vector<fault>> parse_faults(std::string_view text);

/// The script as a JSON array, with ids and what is left of each.
[[nodiscard]] std::string to_json(fault_script const& script);

}  // namespace wixtokend::emulator
