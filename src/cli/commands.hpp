#pragma once
// Each command: what it asks of the daemon, and what it prints.

#include "cli/command_line.hpp"
#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/problem_text.hpp"
#include "wixtoken/client.hpp"

#include <string_view>
#include <utility>

namespace wixtokend::cli {

/// What a command works with.
struct place {
  console& to;
  wixtoken::client daemon;
  bool json = false;

  exit_code fail(wixtoken::error const& why, std::string_view about = {}) {
    return report(to, json, why, about);
  }
  exit_code fail(exit_code with, std::string_view what) { return complain(to, json, with, what); }
};

[[nodiscard]] exit_code act(place& at, token_command const& what);
[[nodiscard]] exit_code act(place& at, watch_command const& what);
[[nodiscard]] exit_code act(place& at, reject_command const& what);
[[nodiscard]] exit_code act(place& at, list_command const& what);
[[nodiscard]] exit_code act(place& at, add_command const& what);
[[nodiscard]] exit_code act(place& at, import_command const& what);
[[nodiscard]] exit_code act(place& at, instances_command const& what);
[[nodiscard]] exit_code act(place& at, status_command const& what);
[[nodiscard]] exit_code act(place& at, top_command const& what);

}  // namespace wixtokend::cli
