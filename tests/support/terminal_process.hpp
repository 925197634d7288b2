#pragma once
// A program under test on a terminal of its own.

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::test {

/// A child process whose standard streams are a pseudo-terminal. It is killed with this object.
class terminal_process {
 public:
  terminal_process(std::vector<std::string> arguments, unsigned short columns, unsigned short rows);
  terminal_process(terminal_process const&) = delete;
  terminal_process& operator=(terminal_process const&) = delete;
  ~terminal_process();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void type(std::string const& keys) const;
  void resize(unsigned short columns, unsigned short rows) const;

  /// Reads until all that was printed since the last call has this text in it. @returns what was
  /// read; throws if it does not come.
  std::string read_until(std::string const& text,
                         std::chrono::milliseconds limit = std::chrono::seconds{20});

  /// Reads to the end. @returns the exit code, 128 + signal if one killed it; nothing if it goes
  /// on.
  std::optional<int> end(std::string& printed,
                         std::chrono::milliseconds limit = std::chrono::seconds{20});

 private:
  bool read_more(std::string& into, std::chrono::steady_clock::time_point limit) const;

  pid_t pid_ = -1;
  int terminal_ = -1;
};

}  // namespace wixtokend::test
