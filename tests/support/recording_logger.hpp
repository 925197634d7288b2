#pragma once
// A log that a test can read.

#include "observe/log.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace wixtokend::test {

/// Keeps every line of every level as `level event key=value …`.
class recording_logger final : public observe::logger {
 public:
  std::vector<std::string> lines;

  [[nodiscard]] bool enabled(observe::log_level) const noexcept override { return true; }

  void write(observe::log_level level, std::string_view event,
             std::initializer_list<observe::log_field> fields) noexcept override {
    constexpr std::array<std::string_view, 5> names{"trace", "debug", "info", "warning", "error"};
    std::string line{names.at(static_cast<std::size_t>(level))};
    line.append(" ").append(event);
    for (auto const& [key, value] : fields) line.append(" ").append(key).append("=").append(value);
    lines.push_back(std::move(line));
  }

  [[nodiscard]] std::size_t count(std::string_view text) const {
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(),
                      [&](auto const& line) { return line.find(text) != std::string::npos; }));
  }
};

}  // namespace wixtokend::test
