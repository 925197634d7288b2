#include "service/token_service.hpp"

#include "async/with_deadline.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace wixtokend::service {
namespace {

// Rethrowing ends the event loop: a coroutine of ours that throws is a bug, not an event.
void rethrow(std::exception_ptr failure) {
  std::rethrow_exception(std::move(failure));
}

constexpr std::size_t survey_step = 1'000;   // instances between two pauses: well under 0.1 ms
constexpr std::uint64_t scan_max = 100'000;  // slots looked at for one page, however few match

}  // namespace

// Stands in the map while its coroutine waits; leaving the scope early tells the engine.
class token_service::waiting {
 public:
  waiting(token_service& owner, core::waiter_id id)
      : done{owner.executor_}, owner_{owner}, id_{id} {
    owner_.waiting_.emplace(id_, this);
  }
  waiting(waiting const&) = delete;
  waiting& operator=(waiting const&) = delete;
  ~waiting() {
    if (owner_.waiting_.erase(id_) == 0) return;
    owner_.engine_.abandon(id_, owner_.time_.now());
    owner_.arm();
  }

  event done;
  std::optional<core::refusal> refused;

 private:
  token_service& owner_;
  core::waiter_id id_;
};

// Gives the place in the budget back, also when the caller leaves.
class token_service::budget_share {
 public:
  budget_share(token_service& owner, instance_key const& key) : owner_{owner}, key_{key} {}
  budget_share(budget_share const&) = delete;
  budget_share& operator=(budget_share const&) = delete;
  ~budget_share() {
    owner_.engine_.request_ended(key_, failed ? &*failed : nullptr, owner_.time_.now());
    owner_.arm();
  }

  std::optional<core::failure> failed;  ///< what came of it, if it failed

 private:
  token_service& owner_;
  instance_key key_;
};

char const* to_string(cache_outcome how) noexcept {
  switch (how) {
    case cache_outcome::hit: return "hit";
    case cache_outcome::miss: return "miss";
    case cache_outcome::coalesced: return "coalesced";
    case cache_outcome::stale: return "stale";
  }
  return "unknown";
}

token_service::token_service(event_loop& loop, time_source& time, persistence& state,
                             std::vector<app_binding> apps, observe::logger& log)
    : time_{time},
      executor_{loop.get_executor()},
      engine_{state.engine()},
      grants_{state.grants()},
      state_{state},
      apps_{std::move(apps)},
      log_{log},
      wake_changed_{executor_},
      exchanges_over_{executor_},
      tasks_{executor_, rethrow} {
  news_.reserve(apps_.size());
  for (auto const& app : apps_) news_.emplace_back(app.name, log_);
  figures_.resize(apps_.size());
}

token_service::~token_service() = default;

void token_service::start() {
  state_.when_grant_saved([this](instance_key const& key) {
    go_on_with_grant(key);
    dispatch();
  });
  tasks_.spawn(run_timer());
  dispatch();
}

task<> token_service::stop() {
  engine_.stop();
  dispatch();
  auto const limit = saturating_add(time_.now(), exchange_time_max);
  auto ending = exchanges_ended();
  co_await with_deadline(time_, limit, std::move(ending));
  tasks_.stop();
  co_await tasks_.join();
}

void token_service::dispatch() {
  do {
    take_notices();
    while (auto const started = engine_.next(time_.now())) tasks_.spawn(run_flight(*started));
  } while (engine_.has_notices());

  for (auto& ended : engine_.take_completions()) {
    auto const found = waiting_.find(ended.waiter);
    if (found == waiting_.end()) continue;
    auto& waiter = *found->second;
    waiting_.erase(found);
    waiter.refused = std::move(ended.refused);
    waiter.done.set();
  }
  state_.look();
  arm();
}

task<result<bool>> token_service::exchanges_ended() {
  while (exchanges_ != 0) co_await exchanges_over_.wait();
  co_return true;
}

void token_service::arm() {
  if (engine_.wake_at() < armed_for_) wake_changed_.set();
}

task<> token_service::run_timer() {
  using namespace asio::experimental::awaitable_operators;
  for (;;) {
    armed_for_ = engine_.wake_at();
    auto slept = time_.sleep_until(armed_for_);
    auto woken = wake_changed_.wait();
    co_await (std::move(slept) || std::move(woken));
    dispatch();
  }
}

std::optional<core::token_view> token_service::serve(instance_key const& key,
                                                     core::token_needs const& needs) const {
  return engine_.usable(key, needs, time_.now());
}

task<token_service::waited> token_service::await_token(instance_key key, core::token_needs needs,
                                                       duration wait, core::peer_id peer) {
  auto const now = time_.now();
  auto const deadline = saturating_add(now, wait);
  bool const shared = engine_.in_progress(key);
  auto answer = engine_.request(key, needs, peer, deadline, now);

  auto const* const first = std::get_if<core::refusal>(&answer);
  if (first != nullptr && first->reason == core::refusal_reason::unknown_instance) {
    auto refused = engine_.create_on_demand(key, peer, state_.floor_now(), now);
    if (refused) co_return waited{std::move(refused), cache_outcome::miss};
    answer = engine_.request(key, needs, peer, deadline, now);
  }
  if (auto const* const token = std::get_if<core::token_view>(&answer)) {
    arm();  // the request may have woken an idle instance
    co_return waited{std::nullopt, token->stale ? cache_outcome::stale : cache_outcome::hit};
  }
  if (auto* const refused = std::get_if<core::refusal>(&answer)) {
    dispatch();
    co_return waited{std::move(*refused), cache_outcome::miss};
  }
  co_return co_await wait_for(std::get<core::waiter_id>(answer), shared);
}

task<token_service::waited> token_service::wait_for(core::waiter_id id, bool shared) {
  waiting waiter{*this, id};
  dispatch();
  co_await waiter.done.wait();
  auto const how = shared ? cache_outcome::coalesced : cache_outcome::miss;
  co_return waited{std::move(waiter.refused), how};
}

task<std::optional<core::refusal>> token_service::await_change(instance_key key,
                                                               core::token_needs has, duration wait,
                                                               core::peer_id peer) {
  auto const now = time_.now();
  auto answer = engine_.watch(key, has, peer, saturating_add(now, wait), now);
  if (auto* const refused = std::get_if<core::refusal>(&answer)) co_return std::move(*refused);
  auto watching = wait_for(std::get<core::waiter_id>(answer), false);
  auto ended = co_await std::move(watching);
  co_return std::move(ended.refused);
}

core::rejection token_service::reject(instance_key const& key, core::generation_number generation,
                                      core::peer_id peer) {
  auto const before = engine_.view(key, time_.now());
  bool const known = before && before->rejected;
  auto const verdict = engine_.reject(key, generation, peer, time_.now());
  auto& figures = figures_.at(static_cast<std::size_t>(key.app));
  ++figures.rejections.at(static_cast<std::size_t>(verdict));
  if (verdict == core::rejection::replacing || verdict == core::rejection::held_off) {
    // The first report is news; that everybody reports the same token is not.
    bool const news = verdict == core::rejection::replacing && !known;
    auto const level = news ? observe::log_level::info : observe::log_level::debug;
    if (log_.enabled(level)) {
      log_.write(level, "token_rejected",
                 {{"app", apps_[static_cast<std::size_t>(key.app)].name},
                  {"instance", key.instance.to_string()},
                  {"generation", std::to_string(generation)},
                  {"outcome", verdict == core::rejection::replacing ? "replacing" : "held_off"}});
    }
  }
  dispatch();
  return verdict;
}

duration token_service::rejection_hold(instance_key const& key, core::peer_id peer) const {
  return engine_.rejection_hold(key, peer, time_.now());
}

std::optional<core::generation_number> token_service::generation_of(instance_key const& key,
                                                                    secret const& token) const {
  auto const current = engine_.usable(key, {}, time_.now());
  if (!current || !(*current->token == token)) return std::nullopt;
  return current->generation;
}

std::optional<token_service::token_owner> token_service::owner_of(secret const& token) const {
  for (std::size_t number = 0; number < apps_.size(); ++number) {
    auto const instance = apps_[number].source->named_in(token);
    if (!instance) continue;
    instance_key const key{static_cast<app_number>(number), *instance};
    if (auto const generation = generation_of(key, token)) return token_owner{key, *generation};
  }
  return std::nullopt;
}

bool token_service::retry(instance_key const& key) {
  bool const known = engine_.retry(key, time_.now());
  dispatch();
  return known;
}

task<std::vector<core::app_survey>> token_service::survey() const {
  std::vector<core::app_survey> found{apps_.size()};
  auto const now = time_.now();  // one moment for all, so that lives can be compared
  core::slot_number slot = 0;
  while (slot < engine_.slots_end()) {
    slot = engine_.survey(slot, survey_step, found, now);
    co_await asio::post(executor_, use_task);
  }
  co_return found;
}

std::optional<core::instance_view> token_service::view(instance_key const& key) const {
  auto seen = engine_.view(key, time_.now());
  if (seen) seen->durable = is_durable(*seen);
  return seen;
}

bool token_service::is_durable(core::instance_view const& seen) const noexcept {
  return seen.registered && !seen.unkept && state_.durable();
}

token_service::page token_service::list(app_number app, std::optional<core::instance_state> state,
                                        std::uint64_t cursor, std::size_t limit) const {
  page found;
  auto const now = time_.now();
  auto const end = std::min<std::uint64_t>(engine_.slots_end(), cursor + scan_max);
  auto slot = cursor;
  for (; slot < end && found.instances.size() < limit; ++slot) {
    auto seen = engine_.view_at(static_cast<core::slot_number>(slot), now);
    bool const wanted = seen && seen->key.app == app && (!state || seen->state == *state);
    if (!wanted) continue;
    seen->durable = is_durable(*seen);
    found.instances.push_back(*std::move(seen));
  }
  if (slot < engine_.slots_end()) found.next = slot;
  return found;
}

task<std::optional<std::variant<token_info, core::failure>>> token_service::info(instance_key key) {
  auto const current = engine_.usable(key, {}, time_.now());
  if (!current) co_return std::nullopt;
  if (auto const delay = engine_.admit_request(key, time_.now())) {
    arm();  // the rates have been brought up to date: an attempt may go sooner than was thought
    core::failure busy;
    busy.kind = core::failure_class::throttled;
    busy.code = "local_rate_limit";
    busy.message = "the app's upstream budget is used up for the moment";
    busy.retry_after = *delay;
    co_return busy;
  }
  auto token = current->token->copy();
  auto& source = *apps_[static_cast<std::size_t>(key.app)].source;
  std::optional<std::variant<token_info, core::failure>> answer;
  budget_share share{*this, key};
  answer.emplace(co_await source.info(std::move(token)));
  if (auto const* const failure = std::get_if<core::failure>(&*answer)) share.failed = *failure;
  co_return answer;
}

core::app_view token_service::app(app_number which) const noexcept {
  return engine_.app_view_at(which, time_.now());
}

token_service::readiness token_service::readiness_now() const {
  readiness seen;
  for (std::size_t number = 0; number < apps_.size(); ++number) {
    auto const one = app(static_cast<app_number>(number));
    seen.kept_warm += one.kept_warm;
    seen.usable += one.usable;
    if (one.refusal != nullptr) seen.refused.push_back({apps_[number].name, one.suspected});
  }
  return seen;
}

}  // namespace wixtokend::service
