#include "support/process.hpp"

#include "support/temporary_folder.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace wixtokend::test {
namespace {

// Between fork and exec only async-signal-safe calls are made.
[[noreturn]] void become(std::vector<char*> const& arguments, std::vector<char*> const& environment,
                         int output, int errors) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // a test that dies leaves nobody behind
  int const input = ::open("/dev/null", O_RDONLY);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execvpe(arguments[0], arguments.data(), environment.data());
  ::_exit(127);
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

int open_for_writing(std::filesystem::path const& file) {
  int const descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) throw std::runtime_error{"cannot write " + file.string()};
  return descriptor;
}

}  // namespace

process::process(std::vector<std::string> const& arguments, std::filesystem::path output,
                 std::filesystem::path errors, std::vector<std::string> const& environment)
    : output_{std::move(output)}, errors_{std::move(errors)} {
  auto owned_arguments = arguments;
  std::vector<std::string> owned_environment;
  for (char** one = environ; *one != nullptr; ++one) owned_environment.emplace_back(*one);
  owned_environment.insert(owned_environment.end(), environment.begin(), environment.end());
  auto const argument_pointers = pointers_to(owned_arguments);
  auto const environment_pointers = pointers_to(owned_environment);

  int const out = open_for_writing(output_);
  int const err = open_for_writing(errors_);
  pid_ = ::fork();
  if (pid_ == 0) become(argument_pointers, environment_pointers, out, err);
  ::close(out);
  ::close(err);
  if (pid_ < 0) throw std::runtime_error{"fork failed"};
}

process::~process() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void process::signal(int number) const {
  ::kill(pid_, number);
}

bool process::running() {
  return !wait(std::chrono::milliseconds{0}).has_value();
}

std::optional<int> process::wait(std::chrono::milliseconds limit) {
  eventually(
      [this] {
        int status = 0;
        if (!ended_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
          ended_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
          dumped_core_ = WIFSIGNALED(status) && WCOREDUMP(status);
        }
        return ended_.has_value();
      },
      limit);
  return ended_;
}

std::string process::first_output_line(std::chrono::milliseconds limit) {
  bool const there =
      eventually([this] { return output().find('\n') != std::string::npos || !running(); }, limit);
  auto const text = output();
  if (!there || text.find('\n') == std::string::npos) {
    throw std::runtime_error{"the program printed no line; its errors:\n" + errors()};
  }
  return text.substr(0, text.find('\n'));
}

std::string process::output() const {
  return content_of(output_);
}
std::string process::errors() const {
  return content_of(errors_);
}

finished_process run_process(std::vector<std::string> const& arguments,
                             std::vector<std::string> const& environment,
                             std::chrono::milliseconds limit) {
  temporary_folder const folder;
  process child{arguments, folder.path("out"), folder.path("err"), environment};
  auto const code = child.wait(limit);
  return {code.value_or(-1), child.output(), child.errors()};
}

std::string program(std::string const& name) {
  return std::string{WIXTOKEND_PROGRAMS_DIR} + "/" + name;
}

std::string content_of(std::filesystem::path const& file) {
  std::ifstream in{file, std::ios::binary};
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void pause_briefly() {
  ::poll(nullptr, 0, 5);
}

}  // namespace wixtokend::test
