#pragma once
// A program under test as a real process: started, watched, signalled, ended.

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::test {

/// A child process whose output goes into files. It is killed when this object goes away.
class process {
 public:
  /// Starts `arguments[0]`. Standard output goes to `output`, standard error to `errors`; standard
  /// input is empty. Throws `std::runtime_error` if it cannot be started.
  process(std::vector<std::string> const& arguments, std::filesystem::path output,
          std::filesystem::path errors, std::vector<std::string> const& environment = {});
  process(process const&) = delete;
  process& operator=(process const&) = delete;
  ~process();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  void signal(int number) const;

  /// Waits for the end of the process. @returns its exit code, 128 + signal if one killed it, or
  /// nothing if it still runs after `limit`.
  std::optional<int> wait(std::chrono::milliseconds limit = std::chrono::seconds{20});

  /// Whether the process has ended with a core dump.
  [[nodiscard]] bool dumped_core() const noexcept { return dumped_core_; }

  [[nodiscard]] bool running();

  /// Waits until standard output has a whole line. Throws with the error output if none comes.
  std::string first_output_line(std::chrono::milliseconds limit = std::chrono::seconds{20});

  [[nodiscard]] std::string output() const;
  [[nodiscard]] std::string errors() const;

 private:
  pid_t pid_ = -1;
  std::optional<int> ended_;
  bool dumped_core_ = false;
  std::filesystem::path output_;
  std::filesystem::path errors_;
};

/// Runs a program to its end and returns what came of it.
struct finished_process {
  int exit_code = -1;
  std::string output;
  std::string errors;
};
finished_process run_process(std::vector<std::string> const& arguments,
                             std::vector<std::string> const& environment = {},
                             std::chrono::milliseconds limit = std::chrono::seconds{60});

/// The path of one of our own programs, as built with the tests.
std::string program(std::string const& name);

/// The whole content of a file; empty if it cannot be read.
std::string content_of(std::filesystem::path const& file);

/// Polls until `condition` holds. @returns whether it did within `limit`.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit = std::chrono::seconds{20});

/// One short pause between two looks at another process.
void pause_briefly();

template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds limit) {
  auto const end = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return false;
    pause_briefly();
  }
  return true;
}

}  // namespace wixtokend::test
