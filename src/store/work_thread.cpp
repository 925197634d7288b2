#include "store/work_thread.hpp"

#include "async/event.hpp"
#include "async/signals_blocked.hpp"

#include <boost/asio/post.hpp>
#include <pthread.h>

#include <cassert>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace wixtokend::store {

struct work_thread::job {
  std::function<void()> what;
  event* waiting = nullptr;  // of the loop's thread; null once the caller has left
};

struct work_thread::state {
  state(executor to, std::function<bool()> when_idle) : where{to}, idle{std::move(when_idle)} {}

  executor const where;
  std::function<bool()> const idle;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<std::shared_ptr<job>> jobs;
  bool stopping = false;
};

// A caller that waits. When it leaves, nobody rings for it any more.
class work_thread::caller {
 public:
  caller(std::shared_ptr<job> asked, event& done) : asked_{std::move(asked)} {
    asked_->waiting = &done;
  }
  caller(caller const&) = delete;
  caller& operator=(caller const&) = delete;
  ~caller() { asked_->waiting = nullptr; }

 private:
  std::shared_ptr<job> asked_;
};

work_thread::work_thread(executor where, std::function<bool()> idle)
    : state_{std::make_shared<state>(where, std::move(idle))} {
  signals_blocked const blocked;
  thread_ = std::thread{[shared = state_] { work(shared); }};
  ::pthread_setname_np(thread_.native_handle(), "store");  // for top(1) and the like
}

work_thread::~work_thread() {
  {
    std::lock_guard const lock{state_->mutex};
    state_->stopping = true;
  }
  state_->changed.notify_one();
  thread_.join();
}

task<> work_thread::run(std::function<void()> what) {
  auto const asked = std::make_shared<job>();
  asked->what = std::move(what);
  event done{state_->where};
  caller const here{asked, done};
  {
    std::lock_guard const lock{state_->mutex};
    assert(state_->jobs.size() < queue_max);
    state_->jobs.push_back(asked);
  }
  state_->changed.notify_one();
  co_await done.wait();
}

void work_thread::work(std::shared_ptr<state> const& shared) {
  bool has_idle_work = true;
  for (;;) {
    std::shared_ptr<job> next;
    {
      std::unique_lock lock{shared->mutex};
      shared->changed.wait(
          lock, [&] { return shared->stopping || !shared->jobs.empty() || has_idle_work; });
      if (!shared->jobs.empty()) {
        next = std::move(shared->jobs.front());
        shared->jobs.pop_front();
      } else if (shared->stopping) {
        return;
      }
    }
    if (!next) {
      has_idle_work = shared->idle();
      continue;
    }
    next->what();
    has_idle_work = true;
    asio::post(shared->where, [next = std::move(next)] {
      next->what = nullptr;
      if (next->waiting != nullptr) next->waiting->set();
    });
  }
}

}  // namespace wixtokend::store
