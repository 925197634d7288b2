#include "cli/terminal.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string_view>

namespace wixtokend::cli {
namespace {

constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view leave = "\x1b[0m\x1b[?25h\x1b[?1049l";
constexpr std::string_view home = "\x1b[H";
constexpr std::string_view rest_of_line = "\x1b[K";
constexpr std::string_view rest_of_screen = "\x1b[J";

void write_all(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    auto const count = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

sigset_t handled_signals() noexcept {
  sigset_t all;
  sigemptyset(&all);
  for (int const one : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&all, one);
  return all;
}

screen_event event_of(char key) noexcept {
  constexpr char control_c = '\x03';
  switch (key) {
    case 'q':
    case 'Q':
    case control_c: return screen_event::quit;
    case ' ':
    case 'p': return screen_event::pause;
    case '-': return screen_event::faster;
    case '+':
    case '=': return screen_event::slower;
    case '\r':
    case '\n': return screen_event::look;
    default: return screen_event::nothing;
  }
}

}  // namespace

std::optional<terminal_size> size_of_output() noexcept {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  constexpr std::size_t most = 1000;
  return terminal_size{std::min<std::size_t>(size.ws_col, most),
                       std::min<std::size_t>(size.ws_row, most)};
}

class full_screen::state {
 public:
  state() {
    auto const signals = handled_signals();
    ::pthread_sigmask(SIG_BLOCK, &signals, &signals_before_);
    signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals_ < 0) throw std::runtime_error{"signalfd failed"};
    has_keys_ = ::tcgetattr(STDIN_FILENO, &keys_before_) == 0;
    if (has_keys_) {
      auto raw = keys_before_;
      raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
      raw.c_cc[VMIN] = 0;
      raw.c_cc[VTIME] = 0;
      ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    write_all(enter);
  }
  state(state const&) = delete;
  state& operator=(state const&) = delete;
  ~state() {
    write_all(leave);
    if (has_keys_) ::tcsetattr(STDIN_FILENO, TCSANOW, &keys_before_);
    ::close(signals_);
    ::pthread_sigmask(SIG_SETMASK, &signals_before_, nullptr);
  }

  screen_event wait(std::chrono::milliseconds limit) {
    std::array<pollfd, 2> watched{
        {{signals_, POLLIN, 0}, {has_keys_ ? STDIN_FILENO : -1, POLLIN, 0}}};
    auto const count = ::poll(watched.data(), watched.size(), static_cast<int>(limit.count()));
    if (count <= 0) return screen_event::nothing;
    if (watched[0].revents != 0) return signal();
    return key();
  }

 private:
  screen_event signal() noexcept {
    signalfd_siginfo seen{};
    if (::read(signals_, &seen, sizeof seen) != sizeof seen) return screen_event::nothing;
    return seen.ssi_signo == SIGWINCH ? screen_event::resized : screen_event::quit;
  }

  screen_event key() noexcept {
    std::array<char, 64> keys{};
    auto const count = ::read(STDIN_FILENO, keys.data(), keys.size());
    if (count <= 0) {
      // The terminal is gone, or somebody else reads it.
      if (count == 0 || errno != EINTR) return screen_event::quit;
      return screen_event::nothing;
    }
    // Arrows and the like come as sequences that begin with ESC.
    return keys[0] == '\x1b' ? screen_event::nothing : event_of(keys[0]);
  }

  int signals_ = -1;
  bool has_keys_ = false;
  termios keys_before_{};
  sigset_t signals_before_{};
};

full_screen::full_screen() : state_{std::make_unique<state>()} {}
full_screen::~full_screen() = default;

void full_screen::draw(std::vector<std::string> const& lines) {
  std::string frame{home};
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i != 0) frame += "\r\n";
    frame.append(lines[i]).append(rest_of_line);
  }
  frame += rest_of_screen;
  write_all(frame);
}

screen_event full_screen::wait(std::chrono::milliseconds limit) {
  return state_->wait(limit);
}

}  // namespace wixtokend::cli
