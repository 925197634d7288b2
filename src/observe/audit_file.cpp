#include "observe/audit_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace wixtokend::observe {
namespace {

error_code system_failure() noexcept {
  return {errno, boost::system::system_category()};
}

// Whether the file ends within a line, and so the next one would not begin as one.
bool ends_within_line(int descriptor, off_t size) noexcept {
  char last = '\n';
  return size > 0 && ::pread(descriptor, &last, 1, size - 1) == 1 && last != '\n';
}

// Only a regular file will do, and its last line is to be whole.
error_code make_ready(int descriptor) noexcept {
  struct stat facts {};
  if (::fstat(descriptor, &facts) != 0) return system_failure();
  if (!S_ISREG(facts.st_mode)) return {EINVAL, boost::system::system_category()};
  bool const whole = !ends_within_line(descriptor, facts.st_size);
  if (!whole && ::write(descriptor, "\n", 1) != 1) return system_failure();
  return {};
}

}  // namespace

audit_file::~audit_file() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

error_code audit_file::open() noexcept {
  // A pipe without a reader would hold the thread up, and a link would write somebody else's file.
  int const flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
  int const opened = ::open(path_.c_str(), flags, 0600);
  if (opened < 0) return system_failure();
  if (auto const failed = make_ready(opened)) {
    ::close(opened);
    return failed;
  }
  int const before = std::exchange(descriptor_, opened);
  if (before >= 0) ::close(before);
  return {};
}

error_code audit_file::write(audit_lines& lines) noexcept {
  while (lines.written < lines.text.size()) {
    auto const count =
        ::write(descriptor_, lines.text.data() + lines.written, lines.text.size() - lines.written);
    if (count > 0) {
      lines.written += static_cast<std::size_t>(count);
    } else if (count == 0) {
      return {ENOSPC, boost::system::system_category()};
    } else if (errno != EINTR) {
      return system_failure();
    }
  }
  lines.clear();
  return {};
}

}  // namespace wixtokend::observe
