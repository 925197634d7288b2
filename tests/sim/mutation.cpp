#include "sim/mutation.hpp"

namespace {

std::string chosen;
bool reached = false;

}  // namespace

bool sim_mutation(std::string_view name) noexcept {
  if (chosen != name) return false;
  reached = true;
  return true;
}

namespace wixtokend::sim {

void choose_mutation(std::string_view name) {
  chosen = name;
  reached = false;
}

bool mutation_was_reached() {
  return reached;
}

}  // namespace wixtokend::sim
