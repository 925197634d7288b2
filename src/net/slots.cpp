#include "net/slots.hpp"

#include <utility>

namespace wixtokend::net {

slots::slots(executor where, std::size_t count) : state_{std::make_shared<state>(where, count)} {}

std::size_t slots::free() const noexcept {
  return state_->free;
}

std::size_t slots::waiting() const noexcept {
  return state_->waiting.size();
}

// A place does not become free while somebody waits: it is handed on, so that nobody can overtake.
void slots::state::release() noexcept {
  if (waiting.empty()) {
    ++free;
    return;
  }
  auto* const next = waiting.front();
  waiting.pop_front();
  next->granted = true;
  next->bell.set();
}

slots::slot::~slot() {
  if (owner_) owner_->release();
}

// Its destructor runs on success and on cancellation alike.
class slots::queued {
 public:
  explicit queued(std::shared_ptr<state> owner) : owner_{std::move(owner)}, self_{owner_->where} {
    owner_->waiting.push_back(&self_);
  }
  queued(queued const&) = delete;
  queued& operator=(queued const&) = delete;
  ~queued() {
    if (!self_.granted) {
      owner_->waiting.remove(&self_);
    } else if (!taken_) {
      owner_->release();
    }
  }

  event& bell() noexcept { return self_.bell; }
  void take() noexcept { taken_ = true; }

 private:
  std::shared_ptr<state> owner_;
  waiter self_;
  bool taken_ = false;
};

task<result<slots::slot>> slots::acquire() {
  if (state_->free > 0) {
    --state_->free;
    co_return slot{state_};
  }
  queued here{state_};
  co_await here.bell().wait();
  here.take();
  co_return slot{state_};
}

}  // namespace wixtokend::net
