#include "client/blocking_transport.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

namespace wixtoken::detail {
namespace {

constexpr std::size_t idle_connections_max = 16;
constexpr std::size_t piece_bytes = 16 * 1024;

time_point now() noexcept {
  return std::chrono::steady_clock::now();
}

// Rounded up, so that the time is over afterwards; in what `poll` takes.
int poll_time(milliseconds length) noexcept {
  return static_cast<int>(
      std::clamp<milliseconds::rep>(length.count(), 0, std::numeric_limits<int>::max()));
}

// A request on its way out, and its answer on its way in: the daemon may refuse it before it is
// whole, so both go on at once.
class exchange {
 public:
  exchange(int descriptor, std::string_view request, std::string const& socket)
      : descriptor_{descriptor}, rest_{request}, socket_{socket} {}
  exchange(exchange const&) = delete;
  exchange& operator=(exchange const&) = delete;
  ~exchange() { ::explicit_bzero(buffer_.data(), buffer_.size()); }

  result<answer> run(time_point deadline) {
    while (!reader_.complete()) {
      auto const at = now();
      if (at >= deadline) return timed_out(socket_, true);
      auto const left = std::chrono::ceil<milliseconds>(deadline - at);
      pollfd watched{descriptor_, static_cast<short>(rest_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
      if (::poll(&watched, 1, poll_time(left)) <= 0) continue;  // the time is looked at again
      if ((watched.revents & ~POLLOUT) == 0) {
        write_some();
      } else if (auto failed = read_some()) {
        return *std::move(failed);
      }
    }
    auto got = reader_.take();
    got.keep_alive = got.keep_alive && rest_.empty();
    return got;
  }

 private:
  void write_some() noexcept {
    auto const count = ::send(descriptor_, rest_.data(), rest_.size(), MSG_NOSIGNAL);
    if (count >= 0) rest_.remove_prefix(static_cast<std::size_t>(count));
    // What was answered before the daemon closed is still there to be read.
    if (count < 0 && errno != EAGAIN && errno != EINTR) rest_ = {};
  }

  std::optional<error> read_some() {
    auto const count = ::recv(descriptor_, buffer_.data(), buffer_.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::nullopt;
    if (count < 0 || (count == 0 && !reader_.finish())) return connection_lost(socket_);
    if (count == 0) return std::nullopt;
    if (reader_.feed({buffer_.data(), static_cast<std::size_t>(count)})) return std::nullopt;
    return malformed_answer(socket_);
  }

  int descriptor_;
  std::string_view rest_;
  std::string const& socket_;
  answer_reader reader_;
  std::array<char, piece_bytes> buffer_{};
};

}  // namespace

void pause(milliseconds length) {
  auto const end = now() + length;
  for (auto at = now(); at < end; at = now()) {
    ::poll(nullptr, 0, poll_time(std::chrono::ceil<milliseconds>(end - at)));
  }
}

blocking_transport::~blocking_transport() {
  for (int const one : idle_) ::close(one);
}

int blocking_transport::take_idle() {
  std::lock_guard const hold{lock_};
  while (!idle_.empty()) {
    int const last = idle_.back();
    idle_.pop_back();
    if (is_fresh(last)) return last;
    ::close(last);
  }
  return -1;
}

void blocking_transport::keep(int descriptor) {
  std::lock_guard const hold{lock_};
  if (idle_.size() < idle_connections_max) {
    idle_.push_back(descriptor);
  } else {
    ::close(descriptor);
  }
}

result<blocking_transport::lease> blocking_transport::obtain(exchange_flow& flow) {
  if (int const idle = take_idle(); idle >= 0) return lease{idle, true};
  for (;;) {
    auto const opened = open_socket(settings_);
    if (opened.has_value() && *opened >= 0) return lease{*opened, false};
    auto const more =
        opened.has_value() ? flow.after_busy(now()) : flow.after_refusal(opened.error(), now());
    if (!more && opened.has_value()) return timed_out(settings_.socket, false);
    if (!more) return opened.error();
    pause(*more);
  }
}

result<answer> blocking_transport::send(call const& what, time_point deadline) {
  request_bytes const bytes{what};
  exchange_flow flow{what.repeatable, settings_.reconnect_for, now(), deadline};
  for (;;) {
    auto const lane = obtain(flow);
    if (!lane.has_value()) return lane.error();
    auto got = exchange{lane->descriptor, bytes.view(), settings_.socket}.run(deadline);
    auto const more = flow.after(got, lane->used_before, now());
    if (!more && got.has_value() && got->keep_alive) {
      keep(lane->descriptor);
    } else {
      ::close(lane->descriptor);
    }
    if (!more) return got;
    pause(*more);
  }
}

result<void> blocking_transport::connect(time_point deadline) {
  auto const from = now();
  exchange_flow flow{true, left_until(deadline, from), from, deadline};
  auto const lane = obtain(flow);
  if (!lane.has_value()) return lane.error();
  keep(lane->descriptor);
  return {};
}

}  // namespace wixtoken::detail
