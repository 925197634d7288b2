#include "daemon/process_setup.hpp"

#include "base/text.hpp"
#include "daemon/startup_error.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <system_error>

namespace wixtokend::daemon {
namespace {

[[noreturn]] void refuse(char const* what) {
  throw startup_error{exit_code::system_error,
                      std::string{what} + ": " + std::generic_category().message(errno)};
}

void open_standard_descriptors() {
  while (true) {
    int const descriptor = ::open("/dev/null", O_RDWR);
    if (descriptor < 0) refuse("/dev/null cannot be opened");
    if (descriptor > 2) {
      ::close(descriptor);
      return;
    }
  }
}

// At most 256 bytes: then it is all or nothing (getrandom(2)).
void fill_randomly(void* bytes, std::size_t size) {
  ssize_t count = 0;
  do {
    count = ::getrandom(bytes, size, 0);
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(size)) refuse("the kernel gives no random numbers");
}

}  // namespace

void prepare_process() {
  open_standard_descriptors();
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) refuse("core dumps cannot be switched off");
  rlimit const no_core{0, 0};
  if (::setrlimit(RLIMIT_CORE, &no_core) != 0) refuse("core dumps cannot be switched off");
  ::umask(0077);
  if (std::signal(SIGPIPE, SIG_IGN) == SIG_ERR) refuse("SIGPIPE cannot be ignored");
}

void lock_memory() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    static_cast<void>(::setrlimit(RLIMIT_MEMLOCK, &limit));
  }
  // What is only reserved, such as stacks, takes no memory before it is used.
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0) return;
  throw startup_error{exit_code::system_error,
                      "process.lock_memory: the memory cannot be locked: " +
                          std::generic_category().message(errno) +
                          "; set LimitMEMLOCK=infinity (systemd) or give the capability "
                          "CAP_IPC_LOCK, or set lock_memory = false"};
}

std::size_t raise_descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit const raised{limit.rlim_max, limit.rlim_max};
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) return raised.rlim_cur;
  }
  return limit.rlim_cur;
}

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  fill_randomly(&seed, sizeof seed);
  return seed;
}

fingerprint_key random_fingerprint_key() {
  std::string bytes(32, '\0');
  fill_randomly(bytes.data(), bytes.size());
  fingerprint_key key{bytes};
  wipe(bytes);
  return key;
}

bool is_journal(std::string const& journal_stream, int descriptor) noexcept {
  std::string_view const text = journal_stream;
  auto const colon = text.find(':');
  if (colon == std::string_view::npos) return false;
  auto const device = parse_decimal(text.substr(0, colon));
  auto const inode = parse_decimal(text.substr(colon + 1));
  struct stat facts {};
  return device.has_value() && inode.has_value() && ::fstat(descriptor, &facts) == 0 &&
         facts.st_dev == *device && facts.st_ino == *inode;
}

}  // namespace wixtokend::daemon
