// The simulator with the production sources.

#include "sim/command_line.hpp"
#include "sim/mutation.hpp"

namespace wixtokend::sim {

std::vector<mutation> const& mutations() {
  static std::vector<mutation> const none;
  return none;
}

}  // namespace wixtokend::sim

int main(int count, char** arguments) {
  return wixtokend::sim::main_of_simulator(count, arguments);
}
