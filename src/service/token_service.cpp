#include "service/token_service.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace wixtokend::service {
namespace {

// Rethrowing ends the event loop: a coroutine of ours that throws is a bug, not an event.
void rethrow(std::exception_ptr failure) {
  std::rethrow_exception(std::move(failure));
}

constexpr std::uint64_t scan_max = 100'000;  // slots looked at for one page, however few match

std::string seconds_text(duration length) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(length).count()) + "s";
}

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

token_service::token_service(event_loop& loop, time_source& time, core::engine& engine,
                             std::vector<app_binding> apps, observe::logger& log)
    : time_{time},
      executor_{loop.get_executor()},
      engine_{engine},
      apps_{std::move(apps)},
      log_{log},
      wake_changed_{executor_},
      tasks_{executor_, rethrow} {
  news_.reserve(apps_.size());
  for (auto const& app : apps_) news_.emplace_back(app.name, log_);
}

token_service::~token_service() = default;

void token_service::start() {
  tasks_.spawn(run_timer());
  dispatch();
}

task<> token_service::stop() {
  engine_.stop();
  dispatch();
  tasks_.stop();
  co_await tasks_.join();
}

// Does everything that the engine has decided. To be called after each event.
void token_service::dispatch() {
  while (auto const started = engine_.next(time_.now())) tasks_.spawn(run_flight(*started));

  for (auto& ended : engine_.take_completions()) {
    auto const found = waiting_.find(ended.waiter);
    if (found == waiting_.end()) continue;
    auto& waiter = *found->second;
    waiting_.erase(found);
    waiter.refused = std::move(ended.refused);
    waiter.done.set();
  }
  arm();
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

task<> token_service::run_flight(core::flight started) {
  auto& source = *apps_[static_cast<std::size_t>(started.key.app)].source;
  auto result = co_await source.mint(started.key.instance);

  auto const level = level_of(started.key, result);
  std::optional<core::failure> failed;
  if (auto const* const failure = std::get_if<core::failure>(&result)) failed = *failure;
  auto const now = time_.now();
  auto const before = engine_.app_view_at(started.key.app, now);
  auto const generation_before = generation_at(started.key);
  engine_.finished(started, std::move(result), now);
  log_result(started.key, generation_at(started.key) != generation_before, level);
  auto& news = news_[static_cast<std::size_t>(started.key.app)];
  news.look(before, app(started.key.app), failed ? &*failed : nullptr, now);
  dispatch();
}

core::generation_number token_service::generation_at(instance_key const& key) const {
  auto const seen = engine_.view(key, time_.now());
  return seen ? seen->generation : 0;
}

// Routine is not news: the first token, the first failure, a refusal of the app and the recovery
// are; the rest is debug. To be asked before the engine knows of the result.
observe::log_level token_service::level_of(instance_key const& key,
                                           core::flight_result const& result) const {
  using observe::log_level;
  auto const before = engine_.view(key, time_.now());
  bool const was_failing = before && before->failures_in_row != 0;
  auto const* const failed = std::get_if<core::failure>(&result);
  if (failed == nullptr) {
    bool const first = before && before->generation == 0;
    return first || was_failing ? log_level::info : log_level::debug;
  }
  if (failed->kind == core::failure_class::app_refused) {
    return engine_.app_refusal(key.app) == nullptr ? log_level::error : log_level::debug;
  }
  return was_failing ? log_level::debug : log_level::warning;
}

void token_service::log_result(instance_key const& key, bool minted, observe::log_level level) {
  auto const now = time_.now();
  auto const seen = engine_.view(key, now);
  if (!seen || !log_.enabled(level)) return;

  auto const& app = apps_[static_cast<std::size_t>(key.app)].name;
  auto const next =
      seen->next_attempt_at ? seconds_text(*seen->next_attempt_at - now) : std::string{"never"};
  if (minted) {
    auto const usable =
        seen->usable_until ? seconds_text(*seen->usable_until - now) : std::string{"0s"};
    log_.write(level, "token_minted",
               {{"app", app},
                {"instance", key.instance.to_string()},
                {"generation", std::to_string(seen->generation)},
                {"usable", usable},
                {"refresh_in", next}});
    return;
  }
  if (!seen->last_failure) return;
  auto const& why = *seen->last_failure;
  log_.write(level, "mint_failed",
             {{"app", app},
              {"instance", key.instance.to_string()},
              {"class", core::to_string(why.kind)},
              {"status", std::to_string(why.status)},
              {"code", why.code},
              {"message", why.message},
              {"request_id", why.request_id},
              {"serving", seen->usable_until && *seen->usable_until > now ? "yes" : "no"},
              {"next_attempt_in", next}});
}

core::generation_number token_service::floor_now() const noexcept {
  return static_cast<core::generation_number>(
      std::max<wall_time::rep>(time_.wall_now().time_since_epoch().count(), 0));
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
    auto refused = engine_.create_on_demand(key, peer, floor_now(), now);
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

core::rejection token_service::reject(instance_key const& key, core::generation_number generation,
                                      core::peer_id peer) {
  auto const before = engine_.view(key, time_.now());
  bool const known = before && before->rejected;
  auto const verdict = engine_.reject(key, generation, peer, time_.now());
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

std::optional<bool> token_service::register_instance(instance_key const& key) {
  auto const added = engine_.add(key, floor_now(), time_.now());
  dispatch();
  return added;
}

bool token_service::remove_instance(instance_key const& key) {
  bool const known = engine_.remove(key);
  dispatch();
  return known;
}

bool token_service::drop_token(instance_key const& key) {
  bool const known = engine_.drop_token(key, time_.now());
  dispatch();
  return known;
}

bool token_service::retry(instance_key const& key) {
  bool const known = engine_.retry(key, time_.now());
  dispatch();
  return known;
}

std::optional<core::instance_view> token_service::view(instance_key const& key) const {
  return engine_.view(key, time_.now());
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
    if (wanted) found.instances.push_back(*std::move(seen));
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
