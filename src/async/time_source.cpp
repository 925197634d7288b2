#include "async/time_source.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace wixtokend {

task<> time_source::sleep_until(instant when) {
  // Named, because g++ 12 destroys closures twice when they are temporaries of a co_await.
  auto start = [this, when](auto completion) {
    timer_queue::handler wrapped{std::move(completion)};
    auto slot = wrapped.get_cancellation_slot();  // not the original's: wrapping takes its place
    auto const where = queue_.add(when, std::move(wrapped));
    if (slot.is_connected()) {
      slot.assign([this, where](asio::cancellation_type) { cancel(where); });
    }
    earliest_changed();
  };
  auto waiting =
      asio::async_initiate<decltype(use_task), void(error_code)>(std::move(start), use_task);
  co_await std::move(waiting);
}

// By value: the closure that holds the argument is destroyed before this function ends.
void time_source::cancel(timer_queue::position which) {
  finish(queue_.remove(which), asio::error::operation_aborted);
  earliest_changed();
}

void time_source::run_due() {
  auto const at = now();
  while (auto due = queue_.pop_due(at)) finish(std::move(due), {});
}

void time_source::finish(timer_queue::handler completion, error_code reason) {
  if (!completion) return;
  completion.get_cancellation_slot().clear();
  asio::post(executor_, asio::append(std::move(completion), reason));
}

}  // namespace wixtokend
