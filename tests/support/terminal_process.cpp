#include "support/terminal_process.hpp"

#include "support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace wixtokend::test {

terminal_process::terminal_process(std::vector<std::string> arguments, unsigned short columns,
                                   unsigned short rows) {
  std::vector<char*> pointers;
  for (auto& one : arguments) pointers.push_back(one.data());
  pointers.push_back(nullptr);
  winsize size{};
  size.ws_col = columns;
  size.ws_row = rows;
  pid_ = ::forkpty(&terminal_, nullptr, nullptr, &size);
  if (pid_ < 0) throw std::runtime_error{"forkpty failed"};
  if (pid_ == 0) {
    ::setenv("TERM", "xterm", 1);  // NOLINT(concurrency-mt-unsafe): it has one thread
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  ::fcntl(terminal_, F_SETFD, FD_CLOEXEC);
}

terminal_process::~terminal_process() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(terminal_);
}

void terminal_process::type(std::string const& keys) const {
  if (::write(terminal_, keys.data(), keys.size()) < 0) throw std::runtime_error{"write failed"};
}

void terminal_process::resize(unsigned short columns, unsigned short rows) const {
  winsize size{};
  size.ws_col = columns;
  size.ws_row = rows;
  ::ioctl(terminal_, TIOCSWINSZ, &size);
}

bool terminal_process::read_more(std::string& into,
                                 std::chrono::steady_clock::time_point limit) const {
  auto const left = std::chrono::duration_cast<std::chrono::milliseconds>(
      limit - std::chrono::steady_clock::now());
  if (left.count() <= 0) return false;
  pollfd watched{terminal_, POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(left.count())) <= 0) return false;
  std::array<char, 4096> bytes{};
  auto const count = ::read(terminal_, bytes.data(), bytes.size());
  if (count <= 0) return false;  // EIO: nobody has the other side open
  into.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

std::string terminal_process::read_until(std::string const& text, std::chrono::milliseconds limit) {
  auto const end = std::chrono::steady_clock::now() + limit;
  std::string printed;
  while (printed.find(text) == std::string::npos) {
    if (!read_more(printed, end)) throw std::runtime_error{"no " + text + " in: " + printed};
  }
  return printed;
}

std::optional<int> terminal_process::end(std::string& printed, std::chrono::milliseconds limit) {
  auto const until = std::chrono::steady_clock::now() + limit;
  while (read_more(printed, until)) {
  }
  int status = 0;
  if (!eventually([&] { return ::waitpid(pid_, &status, WNOHANG) == pid_; }, limit)) return {};
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace wixtokend::test
