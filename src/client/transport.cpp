#include "client/transport.hpp"

#include "client/problems.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace wixtoken::detail {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t idle_connections_max = 16;
constexpr std::chrono::milliseconds first_pause = 20ms;
constexpr std::chrono::milliseconds pause_max = 250ms;

// Between attempts: soon at first, then less often.
class growing_pause {
 public:
  std::chrono::milliseconds next() noexcept {
    return std::exchange(length_, std::min(length_ * 2, pause_max));
  }

 private:
  std::chrono::milliseconds length_ = first_pause;
};

time_point now() noexcept {
  return std::chrono::steady_clock::now();
}

// The bytes of a request, overwritten at the end.
struct sent_bytes {
  explicit sent_bytes(call const& what) : text{encode(what)} {}
  sent_bytes(sent_bytes const&) = delete;
  sent_bytes& operator=(sent_bytes const&) = delete;
  ~sent_bytes() { wipe(text); }
  std::string text;
};

}  // namespace

transport::transport(asio::any_io_executor where, options settings)
    : where_{std::move(where)}, settings_{std::move(settings)} {}

asio::awaitable<void> transport::pause(std::chrono::milliseconds length, time_point limit) {
  asio::steady_timer timer{where_, std::min(now() + length, limit)};
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

std::shared_ptr<connection> transport::take_idle() {
  while (!idle_.empty()) {
    auto last = std::move(idle_.back());
    idle_.pop_back();
    if (last->is_fresh()) return last;
  }
  return nullptr;
}

void transport::keep(std::shared_ptr<connection> idle) {
  if (idle_.size() < idle_connections_max) idle_.push_back(std::move(idle));
}

asio::awaitable<result<transport::lease>> transport::obtain(time_point deadline,
                                                            time_point give_up) {
  if (auto idle = take_idle()) co_return lease{std::move(idle), true};
  growing_pause pauses;
  for (;;) {
    auto opened = connection::open(where_, settings_);
    if (opened.has_value() && *opened) co_return lease{*std::move(opened), false};
    if (opened.has_value()) {  // its queue is full
      if (now() >= deadline) co_return timed_out(settings_.socket, false);
      co_await pause(pauses.next(), deadline);
      continue;
    }
    bool const may_come = opened.error().kind == error_kind::unreachable;
    if (!may_come || now() >= give_up) co_return opened.error();
    co_await pause(pauses.next(), give_up);
  }
}

asio::awaitable<result<answer>> transport::send(call what, time_point deadline) {
  sent_bytes const bytes{what};
  auto const give_up = std::min(deadline, now() + settings_.reconnect_for);
  growing_pause pauses;
  for (;;) {
    auto lane = co_await obtain(deadline, give_up);
    if (!lane.has_value()) co_return lane.error();
    auto got = co_await lane->through->exchange(bytes.text, settings_.socket, deadline);

    if (got.has_value()) {
      bool const another = is_stopping(*got) && now() < give_up;
      if (got->keep_alive && !another) keep(std::move(lane->through));
      if (!another) co_return got;
    } else {
      bool const lost = got.error().kind == error_kind::connection_lost;
      if (!lost || !what.repeatable) co_return got;
      if (lane->used_before) continue;  // it was closed while it was idle; a new one tells more
      if (now() >= give_up) co_return got;
    }
    co_await pause(pauses.next(), give_up);
  }
}

asio::awaitable<result<void>> transport::connect(time_point deadline) {
  auto lane = co_await obtain(deadline, deadline);
  if (!lane.has_value()) co_return lane.error();
  keep(std::move(lane->through));
  co_return result<void>{};
}

}  // namespace wixtoken::detail
