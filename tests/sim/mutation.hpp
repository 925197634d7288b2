#pragma once
// Which deliberate mistake is in force. Mutated copies of production sources ask for it.

#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::sim {

/// A deliberate mistake: see tests/sim/mutations.cmake.
struct mutation {
  std::string_view name;
  std::string_view invariant;  ///< that catches it
};

/// Those that this program was built with: none in the one with the production sources.
[[nodiscard]] std::vector<mutation> const& mutations();

/// Chooses one by its name; empty: none.
void choose_mutation(std::string_view name);

/// True if a chosen mutation was come across: a run that never did proves nothing.
[[nodiscard]] bool mutation_was_reached();

}  // namespace wixtokend::sim

/// In mutated sources: true if this is the mistake to make. Outside of any namespace, so that the
/// replacements read the same everywhere.
[[nodiscard]] bool sim_mutation(std::string_view name) noexcept;
