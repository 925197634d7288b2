#pragma once
// How far an import has come. Pure.

#include "wixtoken/instance.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace wixtokend::cli {

/// What has been done so far.
struct import_progress {
  wixtoken::bulk_summary sum{};   ///< without `failures`
  std::uint64_t bytes = 0;        ///< of the input
  std::uint64_t bytes_total = 0;  ///< 0: not known
  std::chrono::milliseconds spent{0};
};

/// One line that fits the terminal: a bar where the whole is known, counts, lines per second.
[[nodiscard]] std::string progress_line(import_progress const& so_far, std::size_t columns);

}  // namespace wixtokend::cli
