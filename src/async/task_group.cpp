#include "async/task_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/multiple_exceptions.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <cassert>
#include <utility>

namespace wixtokend {
namespace {

bool is_cancellation(std::exception_ptr const& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (boost::system::system_error const& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (asio::multiple_exceptions const& e) {  // every side of `a || b` was cancelled
    return is_cancellation(e.first_exception());
  } catch (...) {
    return false;
  }
}

}  // namespace

task_group::task_group(executor where, std::function<void(std::exception_ptr)> failed)
    : executor_{where}, failed_{std::move(failed)}, emptied_{where} {}

task_group::~task_group() {
  assert(running_.empty());
}

// The completion handler. It has no executor of its own on purpose: with one
// (`bind_cancellation_slot` has), Asio would emit the signal through the loop, later, when it may
// be gone.
struct task_group::ending {
  using cancellation_slot_type = asio::cancellation_slot;
  [[nodiscard]] cancellation_slot_type get_cancellation_slot() const noexcept {
    return which->signal.slot();
  }
  void operator()(std::exception_ptr failure) const { group.ended(which, std::move(failure)); }

  task_group& group;
  place which;
};

void task_group::spawn(task<> work) {
  if (stopping_) return;
  auto const which = running_.emplace(running_.end());
  asio::co_spawn(executor_, run(which, std::move(work)), ending{*this, which});
}

// Asio 1.26 loses the completion of a coroutine that ends cancelled without ever having waited: its
// entry point then waits once itself, which throws, and the exception leaves `event_loop::run()`.
// So a coroutine is cancelled only after its start, and at its end cancellation no longer throws.
task<> task_group::run(place which, task<> work) {
  which->started = true;
  std::exception_ptr failure;
  if (!stopping_) {
    try {
      co_await std::move(work);
    } catch (...) {
      failure = std::current_exception();
    }
  }
  co_await asio::this_coro::throw_if_cancelled(false);
  if (failure) std::rethrow_exception(failure);
}

void task_group::stop() {
  stopping_ = true;
  for (auto next = running_.begin(); next != running_.end();) {
    auto& one = *next++;  // moved on first: the coroutine may end within emit()
    if (one.started) one.signal.emit(asio::cancellation_type::terminal);
  }
}

task<> task_group::join() {
  while (!running_.empty()) co_await emptied_.wait();
}

void task_group::ended(place which, std::exception_ptr failure) {
  running_.erase(which);
  if (running_.empty()) emptied_.set();
  if (failure && !is_cancellation(failure)) failed_(std::move(failure));
}

}  // namespace wixtokend
