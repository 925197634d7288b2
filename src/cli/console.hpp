#pragma once
// Where a command reads and writes, and what it knows of the place.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <istream>
#include <ostream>

namespace wixtokend::cli {

/// What the program gives its commands; a test gives others.
struct console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  bool moves_cursor = false;  ///< the terminal obeys more than line ends: it is not `dumb`
  bool colour = false;        ///< the terminal has colours, and nobody has said no
  std::size_t columns = 0;    ///< of the terminal; 0: there is none, and nothing is cut
  std::function<std::chrono::milliseconds()> wall{};  ///< since 1970
  std::function<void(std::chrono::milliseconds)> pause{};

  /// Unix seconds.
  [[nodiscard]] std::int64_t now() const {
    return std::chrono::floor<std::chrono::seconds>(wall()).count();
  }
};

}  // namespace wixtokend::cli
