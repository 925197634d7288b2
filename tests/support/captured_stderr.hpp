#pragma once
// Catches what is written to the standard error of this process, whoever writes it.

#include <unistd.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace wixtokend::test {

/// From construction to destruction, descriptor 2 is a temporary file. One at a time.
class captured_stderr {
 public:
  captured_stderr() : file_{std::tmpfile()}, saved_{::dup(2)} {
    if (file_ == nullptr || saved_ < 0 || ::dup2(::fileno(file_), 2) < 0) {
      throw std::runtime_error("standard error cannot be captured");
    }
  }
  captured_stderr(captured_stderr const&) = delete;
  captured_stderr& operator=(captured_stderr const&) = delete;
  ~captured_stderr() {
    ::dup2(saved_, 2);
    ::close(saved_);
    std::fclose(file_);
  }

  /// All that was written so far.
  [[nodiscard]] std::string text() const {
    std::fflush(stderr);
    std::string out;
    char buffer[4096];
    ssize_t count = 0;
    while ((count = ::pread(::fileno(file_), buffer, sizeof buffer,
                            static_cast<off_t>(out.size()))) > 0) {
      out.append(buffer, static_cast<std::size_t>(count));
    }
    return out;
  }

 private:
  std::FILE* file_;
  int saved_;
};

}  // namespace wixtokend::test
