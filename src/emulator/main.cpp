// wix-oauth-emulator: a local stand-in for the upstream. See docs/emulator.md.

#include "emulator/command_line.hpp"
#include "emulator/program.hpp"

#include <exception>
#include <iostream>

int main(int count, char** arguments) {
  using namespace wixtokend::emulator;
  auto const line = read_command_line(count, arguments);
  if (!line.chosen.has_value()) return line.exit_status;
  try {
    return run_program(*line.chosen);
  } catch (std::exception const& failure) {
    std::cerr << "wix-oauth-emulator: " << failure.what() << '\n';
    return 1;
  }
}
