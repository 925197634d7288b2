#include "service/persistence.hpp"

#include "async/with_deadline.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <utility>

namespace wixtokend::service {
namespace {

constexpr duration pause_first = std::chrono::seconds{1};  // after a write that failed
constexpr duration pause_max = std::chrono::seconds{30};

void rethrow(std::exception_ptr failure) {
  std::rethrow_exception(std::move(failure));
}

}  // namespace

// Stands in the list while its coroutine waits, and takes itself out when that is cancelled.
struct persistence::awaiting {
  awaiting(persistence& owner, std::uint64_t upto)
      : position{upto}, done{owner.executor_}, owner_{owner} {
    owner_.awaited_.push_back(this);
  }
  awaiting(awaiting const&) = delete;
  awaiting& operator=(awaiting const&) = delete;
  ~awaiting() { owner_.awaited_.remove(this); }

  std::uint64_t position;
  event done;
  bool over = false;
  error_code outcome;

 private:
  persistence& owner_;
};

persistence::persistence(event_loop& loop, time_source& time, core::engine& engine,
                         grant_book& grants, observe::logger& log)
    : time_{time},
      executor_{loop.get_executor()},
      engine_{engine},
      grants_{grants},
      log_{log},
      work_{executor_},
      ended_{executor_},
      tasks_{executor_, rethrow} {}

persistence::~persistence() = default;

void persistence::attach(state_store& store) {
  store_ = &store;
  engine_.note_changes();
}

void persistence::start() {
  position_ = engine_.changes_taken();
  if (store_ != nullptr) tasks_.spawn(run());
}

task<> persistence::stop(duration limit) {
  if (store_ == nullptr) co_return;
  last_ = true;
  work_.set();
  auto const end = saturating_add(time_.now(), limit);
  auto flushing = flushed();
  auto const in_time = co_await with_deadline(time_, end, std::move(flushing));
  if (!in_time.has_value() || failing_) {
    auto const lost = engine_.changes_noted() - position_;
    log_.error("state_not_written",
               {{"changes", std::to_string(lost)},
                {"next", "they are lost; what was acknowledged to callers is not among them"}});
  }
  tasks_.stop();
  co_await tasks_.join();
}

task<result<bool>> persistence::flushed() {
  co_await ended_.wait();
  co_return true;
}

void persistence::look() {
  if (store_ != nullptr && !writing_ && !idle()) work_.set();
}

core::generation_number persistence::floor_now() const noexcept {
  auto const wall = static_cast<core::generation_number>(
      std::max<wall_time::rep>(time_.wall_now().time_since_epoch().count(), 0));
  return store_ == nullptr ? wall : std::min(wall, store_->floor_max());
}

// Of an instance that is removed twice before it is written, what is stored is the first one's.
void persistence::removed(instance_key const& key, retention kept) {
  if (store_ == nullptr) return;
  auto const [known, is_new] = removed_.try_emplace(key, kept);
  if (!is_new && kept == retention::nothing) known->second = kept;
}

task<result<>> persistence::settled() {
  auto const upto = engine_.changes_noted();
  if (store_ == nullptr || position_ >= upto) co_return result<>{};
  awaiting here{*this, upto};
  work_.set();
  while (!here.over) co_await here.done.wait();
  if (here.outcome) co_return here.outcome;
  co_return result<>{};
}

task<> persistence::run() {
  do {
    co_await wait_for_work();
    co_await write();
  } while (!last_ || (!idle() && !failing_));
  ended_.set();
}

// Until there is something to write and either somebody waits for it or it has waited itself.
task<> persistence::wait_for_work() {
  while (idle() && !last_) co_await work_.wait();
  auto const at = std::max(time_.now() + write_behind, not_before_);
  while (!last_ && awaited_.empty() && time_.now() < at) {
    using namespace asio::experimental::awaitable_operators;
    auto slept = time_.sleep_until(at);
    auto woken = work_.wait();
    co_await (std::move(slept) || std::move(woken));
  }
}

change_batch persistence::take_batch() {
  change_batch batch;
  batch.at = time_.stamp();
  for (auto& one : engine_.take_changes(batch_max, batch.at.now)) {
    instance_change change;
    change.key = one.key;
    change.instance = std::move(one.state);
    if (auto const gone = removed_.extract(one.key)) {
      change.removed = true;
      change.retain = gone.mapped() == retention::refresh_token;
    }
    if (auto grant = grants_.take_change(one.key)) {
      change.grant_changed = true;
      change.grant = *std::move(grant);
    }
    batch.instances.push_back(std::move(change));
  }
  for (std::size_t app = 0; app < engine_.apps(); ++app) {
    batch.apps.push_back(engine_.save_app(static_cast<app_number>(app), batch.at.now));
  }
  return batch;
}

task<> persistence::write() {
  auto batch = take_batch();
  auto const upto = engine_.changes_taken();
  taken what;
  for (auto const& one : batch.instances) {
    what.keys.push_back(one.key);
    if (one.grant_changed) what.with_grant.push_back(one.key);
    auto const kept = one.retain ? retention::refresh_token : retention::nothing;
    if (one.removed) what.removed.emplace_back(one.key, kept);
  }
  writing_ = true;
  auto const begun = time_.now();
  auto const outcome = co_await store_->commit(std::move(batch));
  writing_ = false;
  figures_.durations.add(std::chrono::duration<double>{time_.now() - begun}.count());
  if (!outcome.has_value()) ++figures_.failures;
  if (outcome.has_value()) {
    written(what);
    position_ = upto;
    tell(upto, {});
  } else {
    not_written(what, outcome.error());
    tell(upto, outcome.error());
  }
}

void persistence::written(taken const& batch) {
  for (auto const& key : batch.keys) engine_.saved(key);
  if (failing_) log_.info("store_works_again", {});
  failing_ = {};
  pause_ = {};
  not_before_ = instant::min();
  if (!grant_saved_) return;
  for (auto const& key : batch.with_grant) {
    if (grants_.is_saved(key)) grant_saved_(key);
  }
}

void persistence::not_written(taken const& batch, error_code why) {
  for (auto const& [key, kept] : batch.removed) removed(key, kept);
  for (auto const& key : batch.with_grant) grants_.not_saved(key);
  for (auto const& key : batch.keys) engine_.not_saved(key);
  pause_ = std::clamp(pause_ * 2, pause_first, pause_max);
  not_before_ = time_.now() + pause_;
  if (!failing_) {
    log_.error(
        "store_write_failed",
        {{"reason", why.message()},
         {"next", "tokens are served on; registrations are refused until a write succeeds"}});
  }
  failing_ = why;
}

// Answers all that wait for changes up to a position.
void persistence::tell(std::uint64_t position, error_code outcome) {
  for (auto* const one : awaited_) {
    if (one->over || one->position > position) continue;
    one->over = true;
    one->outcome = outcome;
    one->done.set();
  }
  awaited_.remove_if([](awaiting const* one) { return one->over; });
}

}  // namespace wixtokend::service
