#include "support/other_user.hpp"

#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>

namespace wixtokend::test {
namespace {

constexpr unsigned time_max_seconds = 60;  // then the child is ended by SIGALRM

[[noreturn]] void fail(char const* what) {
  throw std::runtime_error{std::string{what} + ": " + std::strerror(errno)};
}

void write_map(char const* file, std::string const& text) {
  std::ofstream out{file};
  out << text << std::flush;
  if (!out) fail(file);
}

// Its ids are root's there; here they are what they were.
void enter_namespaces(other_user const& who) {
  // Its own files in /proc are root's since it has changed its ids.
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) fail("prctl");
  if (::unshare(CLONE_NEWUSER | CLONE_NEWPID) != 0) fail("unshare");
  write_map("/proc/self/setgroups", "deny");
  write_map("/proc/self/uid_map", "0 " + std::to_string(who.uid) + " 1");
  write_map("/proc/self/gid_map", "0 " + std::to_string(who.gid) + " 1");
  if (::geteuid() != 0 || ::getegid() != 0) throw std::runtime_error{"not root in the namespace"};
}

void become(other_user const& who) {
  if (::setgroups(who.groups.size(), who.groups.data()) != 0) fail("setgroups");
  if (::setresgid(who.gid, who.gid, who.gid) != 0) fail("setresgid");
  if (::setresuid(who.uid, who.uid, who.uid) != 0) fail("setresuid");
  if (who.root_of_its_own) enter_namespaces(who);
}

void send_all(int descriptor, std::string const& text) {
  for (std::size_t at = 0; at < text.size();) {
    auto const count = ::write(descriptor, text.data() + at, text.size() - at);
    if (count <= 0) return;
    at += static_cast<std::size_t>(count);
  }
}

[[noreturn]] void run_child(other_user const& who, std::function<std::string()> const& work,
                            int into) {
  ::alarm(time_max_seconds);
  std::string outcome;
  try {
    become(who);
    // The first process of a pid namespace is the next child of who made it.
    if (who.root_of_its_own) {
      pid_t const inner = ::fork();
      if (inner < 0) fail("fork");
      if (inner > 0) {
        ::waitpid(inner, nullptr, 0);
        ::_exit(0);
      }
    }
    outcome = work();
  } catch (std::exception const& error) {
    outcome = std::string{"failed: "} + error.what();
  }
  send_all(into, outcome);
  ::_exit(0);
}

}  // namespace

bool may_be_others() {
  return ::geteuid() == 0 &&
         as_other_user({12'345, 12'345}, [] { return std::string{"yes"}; }) == "yes";
}

std::string as_other_user(other_user const& who, std::function<std::string()> const& work) {
  std::array<int, 2> pipe{};
  if (::pipe(pipe.data()) != 0) fail("pipe");
  pid_t const child = ::fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    ::close(pipe[0]);
    run_child(who, work, pipe[1]);
  }
  ::close(pipe[1]);
  std::string outcome;
  std::array<char, 4096> piece{};
  for (;;) {
    auto const count = ::read(pipe[0], piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    outcome.append(piece.data(), static_cast<std::size_t>(count));
  }
  ::close(pipe[0]);
  ::waitpid(child, nullptr, 0);
  return outcome;
}

}  // namespace wixtokend::test
