#pragma once
// Why the daemon cannot start: the only exception of ours that leaves it.

#include "daemon/exit_code.hpp"

#include <stdexcept>
#include <string>

namespace wixtokend::daemon {

/// Its text is one line that says what is wrong and, where that is not obvious, what to do.
class startup_error : public std::runtime_error {
 public:
  startup_error(exit_code code, std::string const& text) : std::runtime_error{text}, code_{code} {}

  [[nodiscard]] exit_code code() const noexcept { return code_; }

 private:
  exit_code code_;
};

}  // namespace wixtokend::daemon
