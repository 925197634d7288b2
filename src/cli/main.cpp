// wixtoken: parse the command line, do what it says, end with a documented exit code.

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/run.hpp"
#include "cli/terminal.hpp"
#include "wixtoken/options.hpp"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace wixtokend::cli;

std::string environment(char const* name) {
  char const* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): no threads yet
  return value == nullptr ? std::string{} : std::string{value};
}

bool moves_cursor() {
  auto const terminal = environment("TERM");
  return !terminal.empty() && terminal != "dumb";
}

console make_console(bool colour) {
  console to{std::cin, std::cout, std::cerr};
  to.in_is_terminal = ::isatty(STDIN_FILENO) == 1;
  to.out_is_terminal = ::isatty(STDOUT_FILENO) == 1;
  to.err_is_terminal = ::isatty(STDERR_FILENO) == 1;
  to.moves_cursor = moves_cursor();
  to.colour = colour && to.out_is_terminal && to.moves_cursor && environment("NO_COLOR").empty();
  if (auto const size = size_of_output()) to.columns = size->columns;
  to.wall = [] {
    auto const since = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since);
  };
  to.pause = [](std::chrono::milliseconds length) {
    ::poll(nullptr, 0, static_cast<int>(length.count()));
  };
  return to;
}

}  // namespace

int main(int argc, char** argv) try {
  std::ios::sync_with_stdio(false);
  std::vector<std::string> arguments;
  for (int i = 1; i < argc; ++i) arguments.emplace_back(argv[i]);
  auto socket = environment("WIXTOKEN_SOCKET");
  if (socket.empty()) socket = wixtoken::default_socket;

  auto const what = parse_command_line(std::move(arguments), socket);
  auto to = make_console(what.colour);
  auto const code = run(what, to);
  std::cout.flush();
  if (!std::cout) {
    std::cerr << "wixtoken: the output cannot be written\n";
    return static_cast<int>(exit_code::output);
  }
  return static_cast<int>(code);
} catch (std::exception const& error) {
  std::cerr << "wixtoken: internal error: " << error.what() << '\n';
  return static_cast<int>(exit_code::internal);
}
