#include "async/event.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <cassert>
#include <utility>

namespace wixtokend {

void event::set() {
  if (waiter_) {
    finish({});
  } else {
    ringing_ = true;
  }
}

task<> event::wait() {
  assert(!waiter_);
  if (std::exchange(ringing_, false)) co_return;

  auto start = [this](auto completion) {
    // The slot is that of the stored handler: wrapping takes the original one's place.
    handler added{std::move(completion)};
    added.swap(waiter_);
    auto slot = waiter_.get_cancellation_slot();
    if (slot.is_connected()) {
      slot.assign([this](asio::cancellation_type) { finish(asio::error::operation_aborted); });
    }
  };
  auto waiting =
      asio::async_initiate<decltype(use_task), void(error_code)>(std::move(start), use_task);
  co_await std::move(waiting);
}

void event::finish(error_code reason) {
  if (!waiter_) return;
  handler completion;
  completion.swap(waiter_);
  completion.get_cancellation_slot().clear();
  asio::post(executor_, asio::append(std::move(completion), reason));
}

}  // namespace wixtokend
