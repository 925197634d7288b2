#include "daemon/keygen.hpp"

#include "base/secret.hpp"
#include "base/text.hpp"
#include "daemon/startup_error.hpp"
#include "store/file_checks.hpp"
#include "store/key_ring.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace wixtokend::daemon {
namespace {

std::string system_text(int reason) {
  return std::generic_category().message(reason);
}

// 0, or errno.
int write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    auto const count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return 0;
}

// Writes into a file that is new, and makes it durable. 0, or errno.
int write_new(int descriptor, std::string_view text) {
  if (::fchmod(descriptor, S_IRUSR | S_IWUSR) != 0) return errno;
  if (int const failed = write_all(descriptor, text); failed != 0) return failed;
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

void make_key(std::string const& file) {
  auto const text = store::generate_key_text();
  if (text.empty()) throw startup_error{exit_code::system_error, "there are no random numbers"};
  if (file.empty()) {
    int const failed = write_all(STDOUT_FILENO, text.reveal());
    if (failed == 0) return;
    throw startup_error{exit_code::system_error,
                        "the key could not be printed: " + system_text(failed)};
  }

  int const descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
  if (descriptor < 0 && errno == EEXIST) {
    throw startup_error{
        exit_code::cannot_create,
        quoted(file, 1024) + " exists already, and a key is never overwritten: name another file"};
  }
  if (descriptor < 0) {
    throw startup_error{exit_code::cannot_create,
                        quoted(file, 1024) + " cannot be created: " + system_text(errno)};
  }
  int failed = write_new(descriptor, text.reveal());
  ::close(descriptor);
  if (failed == 0) failed = store::sync_folder_of(file);
  if (failed == 0) return;
  ::unlink(file.c_str());
  throw startup_error{exit_code::cannot_create,
                      quoted(file, 1024) + " cannot be written: " + system_text(failed)};
}

}  // namespace wixtokend::daemon
