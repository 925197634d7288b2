#include "support/scripted_daemon.hpp"

#include "base/text.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

namespace wixtokend::test {
namespace {

int require(int outcome, char const* what) {
  if (outcome < 0) throw std::runtime_error{std::string{what} + ": " + std::strerror(errno)};
  return outcome;
}

sockaddr_un address_of(std::string const& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error{"the path is too long"};
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

int listen_on(std::string const& path, int backlog) {
  int const listener = require(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
  auto const address = address_of(path);
  auto const* const any = static_cast<void const*>(&address);
  require(::bind(listener, static_cast<sockaddr const*>(any), sizeof address), "bind");
  require(::listen(listener, backlog), "listen");
  return listener;
}

// How long a request is, with its body; 0: not whole yet.
std::size_t whole_size(std::string const& bytes) {
  auto const end = bytes.find("\r\n\r\n");
  if (end == bytes.npos) return 0;
  static constexpr std::string_view name = "Content-Length: ";
  auto const at = bytes.find(name);
  std::size_t body = 0;
  if (at != bytes.npos && at < end) {
    auto const from = at + name.size();
    auto const text = std::string_view{bytes}.substr(from, bytes.find('\r', from) - from);
    body = static_cast<std::size_t>(wixtokend::parse_decimal(text).value());
  }
  auto const size = end + 4 + body;
  return bytes.size() >= size ? size : 0;
}

}  // namespace

scripted_answer json_reply(unsigned status, std::string const& body, std::string const& headers) {
  return {"HTTP/1.1 " + std::to_string(status) + " x\r\nContent-Type: application/json\r\n" +
          "X-Request-Id: req-1\r\n" + headers +
          (status == 204 || status == 304
               ? std::string{}
               : "Content-Length: " + std::to_string(body.size()) + "\r\n") +
          "\r\n" + body};
}

scripted_daemon::scripted_daemon(std::string path)
    : path_{std::move(path)}, listener_{listen_on(path_, 64)} {
  wake_ = require(::eventfd(0, EFD_CLOEXEC), "eventfd");
  thread_ = std::thread{[this] { run(); }};
}

scripted_daemon::~scripted_daemon() {
  ::eventfd_write(wake_, 1);
  thread_.join();
  for (int const one : open_) {
    if (one >= 0) ::close(one);
  }
  ::close(listener_);
  ::close(wake_);
  ::unlink(path_.c_str());
}

void scripted_daemon::push(scripted_answer next) {
  std::lock_guard const hold{lock_};
  script_.push_back(std::move(next));
}

std::vector<std::string> scripted_daemon::requests() const {
  std::lock_guard const hold{lock_};
  return requests_;
}

std::size_t scripted_daemon::connections() const {
  std::lock_guard const hold{lock_};
  return connections_;
}

void scripted_daemon::run() {
  for (;;) {
    std::vector<pollfd> watched{{wake_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (std::size_t i = 0; i < open_.size(); ++i) {
      watched.push_back({deaf_[i] ? -1 : open_[i], POLLIN, 0});  // -1 is skipped
    }
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    for (std::size_t i = 2; i < watched.size(); ++i) {
      if (watched[i].revents != 0) read_from(i - 2);
    }
    if (watched[1].revents == 0) continue;
    int const accepted = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) continue;
    open_.push_back(accepted);
    pending_.emplace_back();
    deaf_.push_back(false);
    std::lock_guard const hold{lock_};
    ++connections_;
  }
}

void scripted_daemon::read_from(std::size_t index) {
  std::array<char, 65536> bytes{};
  auto const size = ::read(open_[index], bytes.data(), bytes.size());
  if (size <= 0) {
    ::close(std::exchange(open_[index], -1));
    return;
  }
  auto& pending = pending_[index];
  pending.append(bytes.data(), static_cast<std::size_t>(size));
  if (pending.find("\r\n\r\n") != pending.npos && is_early()) {
    deaf_[index] = true;
    answer(index, std::exchange(pending, {}));
  } else if (auto const whole = whole_size(pending)) {
    auto request = pending.substr(0, whole);
    pending.erase(0, whole);
    answer(index, std::move(request));
  }
}

bool scripted_daemon::is_early() const {
  std::lock_guard const hold{lock_};
  return !script_.empty() && script_.front().early;
}

void scripted_daemon::answer(std::size_t index, std::string request) {
  scripted_answer next{{}, scripted_answer::then::hang};
  {
    std::lock_guard const hold{lock_};
    requests_.push_back(std::move(request));
    if (!script_.empty()) {
      next = std::move(script_.front());
      script_.pop_front();
    }
  }
  if (!next.bytes.empty()) {
    // Few bytes: they find room at once.
    static_cast<void>(::send(open_[index], next.bytes.data(), next.bytes.size(), MSG_NOSIGNAL));
  }
  if (next.after == scripted_answer::then::close) ::close(std::exchange(open_[index], -1));
}

deaf_socket::deaf_socket(std::string const& path) : all_{listen_on(path, 0)} {
  auto const address = address_of(path);
  auto const* const any = static_cast<void const*>(&address);
  for (int failed = 0; failed == 0;) {
    constexpr int kind = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
    all_.push_back(require(::socket(AF_UNIX, kind, 0), "socket"));
    failed = ::connect(all_.back(), static_cast<sockaddr const*>(any), sizeof address);
  }
}

deaf_socket::~deaf_socket() {
  for (int const one : all_) ::close(one);
}

}  // namespace wixtokend::test
