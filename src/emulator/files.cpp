#include "emulator/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace wixtokend::emulator {
namespace {

constexpr std::size_t file_bytes_max = 64 * 1024;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

// Closes on destruction.
class descriptor {
 public:
  explicit descriptor(int number) noexcept : number_{number} {}
  descriptor(descriptor const&) = delete;
  descriptor& operator=(descriptor const&) = delete;
  ~descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const noexcept { return number_; }

 private:
  int number_;
};

bool write_all(int file, std::string_view content) {
  while (!content.empty()) {
    auto const count = ::write(file, content.data(), content.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

}  // namespace

result<secret> read_file(std::string const& path) {
  descriptor const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.get() < 0) return last_error();

  // Reserved at once: growing would leave copies of a secret behind.
  std::string content(file_bytes_max + 1, '\0');
  std::size_t size = 0;
  while (size < content.size()) {
    auto const count = ::read(file.get(), content.data() + size, content.size() - size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return last_error();
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  secret const whole = secret::take(std::move(content));
  if (size > file_bytes_max) return errc::file_unreadable;
  return secret{whole.reveal().substr(0, size)};
}

result<secret> read_secret_file(std::string const& path) {
  auto const content = read_file(path);
  if (!content.has_value()) return content.error();
  auto text = content->reveal();
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.empty()) return errc::file_unreadable;
  return secret{text};
}

result<void> write_public_file(std::string const& path, std::string_view content) {
  auto const temporary = path + "." + std::to_string(::getpid()) + ".new";
  descriptor const file{
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644)};
  if (file.get() < 0) return last_error();
  bool const good = ::fchmod(file.get(), 0644) == 0 && write_all(file.get(), content) &&
                    ::rename(temporary.c_str(), path.c_str()) == 0;
  if (good) return {};
  auto const reason = last_error();
  ::unlink(temporary.c_str());
  return reason;
}

}  // namespace wixtokend::emulator
