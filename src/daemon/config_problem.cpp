#include "daemon/config_problem.hpp"

#include <algorithm>

namespace wixtokend::daemon {

std::string to_text(std::string_view file, config_problem const& problem) {
  std::string out{file};
  if (problem.where.line > 0) {
    out += ':' + std::to_string(problem.where.line) + ':' + std::to_string(problem.where.column);
  }
  out += ": ";
  if (!problem.key.empty()) out += problem.key + ": ";
  return out + problem.text;
}

void sort_by_position(std::vector<config_problem>& problems) {
  std::ranges::stable_sort(problems, {}, &config_problem::where);
}

}  // namespace wixtokend::daemon
