// Tries what a sandbox should forbid, and prints a line for each: its name, and "allowed" or
// "refused". Run inside and outside of it, by the same user, the lines tell what the sandbox does.
// None of what is tried does any harm.

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>

namespace {

void say(char const* what, bool allowed) {
  std::printf("%s %s\n", what, allowed ? "allowed" : "refused");
}

bool can_create(std::string const& path) {
  int const made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) return false;
  ::close(made);
  ::unlink(path.c_str());
  return true;
}

bool can_open(char const* path, int flags) {
  int const opened = ::open(path, flags | O_CLOEXEC);
  if (opened < 0) return false;
  ::close(opened);
  return true;
}

bool exists(char const* path) {
  struct stat facts {};
  return ::stat(path, &facts) == 0;
}

bool can_create_socket(int family, int type) {
  int const made = ::socket(family, type | SOCK_CLOEXEC, 0);
  if (made < 0) return false;
  ::close(made);
  return true;
}

// In a child, since it changes the process.
template <class Attempt>
bool in_child(Attempt attempt) {
  auto const child = ::fork();
  if (child == 0) ::_exit(attempt() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool can_map_writable_code() {
  auto* const made =
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (made == MAP_FAILED) return false;
  ::munmap(made, 4096);
  return true;
}

bool can_make_setuid(std::string const& path) {
  int const made = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  bool const done = made >= 0 && ::fchmod(made, 04700) == 0;
  if (made >= 0) ::close(made);
  ::unlink(path.c_str());
  return done;
}

// To what it is.
bool can_set_the_host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 &&
         ::sethostname(name.data(), std::strlen(name.data())) == 0;
}

bool can_be_realtime() {
  sched_param const lowest{1};
  return ::sched_setscheduler(0, SCHED_RR, &lowest) == 0 || errno == EINVAL;
}

bool can_read_kernel_log() {
  constexpr int size_of_buffer = 10;  // SYSLOG_ACTION_SIZE_BUFFER
  return ::syscall(SYS_syslog, size_of_buffer, nullptr, 0) >= 0;
}

bool can_ask_the_clock() {
  timex state{};
  return ::adjtimex(&state) >= 0;
}

// A system call of 32 bits from a program of 64: getpid.
bool can_call_as_foreign_architecture() {
#ifdef __x86_64__
  long result = 20;
  asm volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
  return result > 0;
#else
  return false;
#endif
}

bool has_capabilities() {
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("CapBnd:")) continue;
    return line.find_first_of("123456789abcdef", 7) != std::string::npos;
  }
  return true;
}

bool can_dump_core() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0;
}

bool creates_for_others() {
  auto const mask = ::umask(0);
  return (mask & 0077U) != 0077U;
}

}  // namespace

// The folder is one that may be written to in any case.
int main(int argc, char** argv) {
  if (argc != 2) return 64;
  std::string const folder = argv[1];
  say("writing_to_etc", can_create("/etc/sandbox-probe"));
  say("writing_to_usr", can_create("/usr/sandbox-probe"));
  say("reading_home", can_open("/home/probe", O_RDONLY));
  say("seeing_tmp", exists("/tmp/probe"));
  say("seeing_processes", exists("/proc/1/status"));
  say("seeing_devices", exists("/dev/probe"));
  say("writing_kernel_tunables", can_open("/proc/sys/net/ipv4/ip_default_ttl", O_WRONLY));
  say("writing_control_groups",
      ::access("/sys/fs/cgroup/systemd", W_OK) == 0 || ::access("/sys/fs/cgroup", W_OK) == 0);
  say("seeing_kernel_modules", can_open("/usr/lib/modules", O_RDONLY | O_DIRECTORY));
  say("reading_kernel_log", can_read_kernel_log());
  say("asking_the_clock", can_ask_the_clock());
  say("setting_the_host_name", can_set_the_host_name());
  say("netlink_sockets", can_create_socket(AF_NETLINK, SOCK_RAW));
  say("packet_sockets", can_create_socket(AF_PACKET, SOCK_RAW));
  say("new_namespaces", in_child([] { return ::unshare(CLONE_NEWUSER) == 0; }));
  say("realtime", in_child(can_be_realtime));
  say("set_uid_files", can_make_setuid(folder + "/sandbox-probe"));
  say("another_personality", in_child([] { return ::personality(ADDR_NO_RANDOMIZE) >= 0; }));
  say("writable_code", can_map_writable_code());
  say("priorities", in_child([] { return ::setpriority(PRIO_PROCESS, 0, 5) == 0; }));
  say("changing_the_root", in_child([] { return ::chroot("/") == 0; }));
  say("foreign_architecture", in_child(can_call_as_foreign_architecture));
  say("capabilities", has_capabilities());
  say("new_privileges", ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0);
  say("core_dumps", can_dump_core());
  say("files_for_others", creates_for_others());
  return 0;
}
