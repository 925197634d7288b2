#include "service/recent_survey.hpp"

#include "service/token_service.hpp"

#include <boost/asio/this_coro.hpp>

#include <utility>

namespace wixtokend::service {

// There while its coroutine looks; however that ends, the others go on.
class recent_survey::looking {
 public:
  explicit looking(recent_survey& owner) : owner_{owner} { owner_.under_way_ = true; }
  looking(looking const&) = delete;
  looking& operator=(looking const&) = delete;
  ~looking() {
    owner_.under_way_ = false;
    for (auto* const one : owner_.listeners_) one->set();
  }

 private:
  recent_survey& owner_;
};

class recent_survey::listening {
 public:
  listening(recent_survey& owner, executor where)
      : over{where},
        owner_{owner},
        place_{owner.listeners_.insert(owner.listeners_.end(), &over)} {}
  listening(listening const&) = delete;
  listening& operator=(listening const&) = delete;
  ~listening() { owner_.listeners_.erase(place_); }

  event over;

 private:
  recent_survey& owner_;
  std::list<event*>::iterator place_;
};

bool recent_survey::fresh() const {
  return !last_.empty() && tokens_.time().now() - last_at_ < age_max;
}

task<std::vector<core::app_survey>> recent_survey::look() {
  while (!fresh() && under_way_) {
    listening here{*this, co_await asio::this_coro::executor};
    co_await here.over.wait();
  }
  if (!fresh()) {
    looking const now{*this};
    last_ = co_await tokens_.survey();
    last_at_ = tokens_.time().now();
  }
  co_return last_;
}

}  // namespace wixtokend::service
