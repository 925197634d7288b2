#pragma once
// The file that an audit log is written to: whole lines at its end, by one thread.

#include "base/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace wixtokend::observe {

/// Lines that are to be written, in the order in which they are, and how many bytes of them are
/// in the file already.
struct audit_lines {
  std::string text;
  std::size_t written = 0;

  [[nodiscard]] bool empty() const noexcept { return text.empty(); }
  void clear() noexcept {
    text.clear();
    written = 0;
  }
};

/// Appends to a regular file, which is created with mode 0600 if it is not there. Not synchronised.
class audit_file {
 public:
  explicit audit_file(std::string path) : path_{std::move(path)} {}
  audit_file(audit_file const&) = delete;
  audit_file& operator=(audit_file const&) = delete;
  ~audit_file();

  /// Opens the path, or opens it anew: what has been renamed meanwhile is left alone from now on. A
  /// line that a killed process has left unfinished is ended. If it fails, the file that was open
  /// stays open.
  [[nodiscard]] error_code open() noexcept;

  /// Writes what is left of the lines, as far as it goes; forgets them when all of it is written.
  [[nodiscard]] error_code write(audit_lines& lines) noexcept;

  [[nodiscard]] std::string const& path() const noexcept { return path_; }

 private:
  std::string path_;
  int descriptor_ = -1;
};

}  // namespace wixtokend::observe
