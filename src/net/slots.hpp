#pragma once
// A fixed number of places, handed out in the order of asking.

#include "async/event.hpp"
#include "async/task.hpp"

#include <cstddef>
#include <list>
#include <memory>

namespace wixtokend::net {

/// Bounds how many coroutines do something at a time. Belongs to the loop's thread.
class slots {
  struct state;

 public:
  /// A place that is occupied until this object is destroyed. May outlive the `slots`.
  class slot {
   public:
    slot(slot&&) noexcept = default;
    slot& operator=(slot&&) = delete;
    ~slot();

   private:
    friend class slots;
    explicit slot(std::shared_ptr<state> owner) noexcept : owner_{std::move(owner)} {}
    std::shared_ptr<state> owner_;  // null once moved from
  };

  slots(executor where, std::size_t count);

  /// Waits for a place; first come, first served. Can be cancelled, also in the moment in which the
  /// place becomes free: it goes to the next one then. It never fails, and is a `result` only so
  /// that `with_deadline` takes it.
  task<result<slot>> acquire();

  [[nodiscard]] std::size_t free() const noexcept;
  [[nodiscard]] std::size_t waiting() const noexcept;

 private:
  struct waiter {
    explicit waiter(executor where) noexcept : bell{where} {}
    event bell;
    bool granted = false;
  };
  struct state {
    state(executor w, std::size_t count) noexcept : where{w}, free{count} {}
    void release() noexcept;

    executor where;
    std::size_t free;
    std::list<waiter*> waiting;  // those without a grant; they live in their coroutines
  };
  class queued;

  std::shared_ptr<state> state_;
};

}  // namespace wixtokend::net
