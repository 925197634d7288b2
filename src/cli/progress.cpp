#include "cli/progress.hpp"

#include "cli/printable.hpp"

#include <algorithm>

namespace wixtokend::cli {
namespace {

constexpr std::size_t bar_width = 20;

}  // namespace

std::string progress_line(import_progress const& so_far, std::size_t columns) {
  std::string line;
  if (so_far.bytes_total != 0) {
    auto const done = std::min(so_far.bytes, so_far.bytes_total);
    auto const part = static_cast<double>(done) / static_cast<double>(so_far.bytes_total);
    auto const filled = static_cast<std::size_t>(part * static_cast<double>(bar_width));
    line = "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "] " +
           padded_left(std::to_string(static_cast<int>(part * 100)), 3) + " %  ";
  }
  auto const& sum = so_far.sum;
  line += grouped(sum.lines) + " lines, " + grouped(sum.failed) + " failed";
  auto const spent = static_cast<std::uint64_t>(std::max<std::int64_t>(so_far.spent.count(), 1));
  line += ", " + grouped(sum.lines * 1000 / spent) + "/s";
  return columns == 0 ? line : cut(line, columns - std::min<std::size_t>(columns, 1));
}

}  // namespace wixtokend::cli
