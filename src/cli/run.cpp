#include "cli/run.hpp"

#include "cli/commands.hpp"
#include "cli/problem_text.hpp"

#include <type_traits>
#include <variant>

namespace wixtokend::cli {
namespace {

exit_code print(print_command const& what, console& to) {
  (what.code == exit_code::good ? to.out : to.err) << what.text;
  return what.code;
}

}  // namespace

exit_code run(invocation const& what, console& to) {
  if (auto const* const text = std::get_if<print_command>(&what.what)) return print(*text, to);
  place at{to, wixtoken::client{what.daemon}, what.json};
  if (what.wait_for_socket > std::chrono::milliseconds{0}) {
    auto const there = at.daemon.wait_until_there(what.wait_for_socket);
    if (there.has_error()) return report(to, what.json, there.error());
  }
  return std::visit(
      [&](auto const& one) {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, print_command>) {
          return print(one, to);
        } else {
          return act(at, one);
        }
      },
      what.what);
}

}  // namespace wixtokend::cli
