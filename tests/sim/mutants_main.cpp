// The simulator with mutated copies of the production sources; they bring the table of mutations.

#include "sim/command_line.hpp"

int main(int count, char** arguments) {
  return wixtokend::sim::main_of_simulator(count, arguments);
}
