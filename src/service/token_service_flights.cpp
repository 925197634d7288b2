// Flights: what they are made with, and what becomes of what they bring.

#include "service/token_service.hpp"

#include <chrono>
#include <utility>

namespace wixtokend::service {
namespace {

constexpr duration keep_pause = std::chrono::seconds{1};  // until a failed write is tried again

std::string seconds_text(duration length) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(length).count()) + "s";
}

}  // namespace

// Counts while a refresh token may be on its way: it is in no other place then.
class token_service::exchange {
 public:
  exchange(token_service& owner, core::grant how)
      : owner_{owner}, counts_{how != core::grant::client_credentials} {
    if (counts_) ++owner_.exchanges_;
  }
  exchange(exchange const&) = delete;
  exchange& operator=(exchange const&) = delete;
  ~exchange() {
    if (counts_ && --owner_.exchanges_ == 0) owner_.exchanges_over_.set();
  }

 private:
  token_service& owner_;
  bool counts_;
};

task<> token_service::run_flight(core::flight started) {
  exchange const under_way{*this, started.grant};
  auto& source = *apps_[static_cast<std::size_t>(started.key.app)].source;
  mint_request request;
  request.instance = started.key.instance;
  request.how = started.grant;
  code_digest digest{};
  bool const by_code = started.grant == core::grant::authorization_code;
  if (by_code) {
    if (auto const* const code = offered_code(started.key)) {
      digest = code->digest;
      request.credential = code->code.copy();
    }
  } else if (started.grant == core::grant::refresh_token) {
    request.credential = grants_.refresh_token(started.key);
  }
  auto sent = request.credential.copy();
  auto const begun = time_.now();
  auto result = co_await source.mint(std::move(request));
  count_attempt(started, std::get_if<core::failure>(&result), time_.now() - begun);
  if (auto* const issued = std::get_if<core::minted>(&result)) {
    auto fresh = std::move(issued->refresh_token);
    co_await keep_refresh_token(started, digest, std::move(sent), std::move(fresh));
  }

  auto const level = level_of(started.key, result);
  std::optional<core::failure> failed;
  if (auto const* const failure = std::get_if<core::failure>(&result)) failed = *failure;
  auto const now = time_.now();
  auto const before = engine_.app_view_at(started.key.app, now);
  auto const generation_before = generation_at(started.key);
  engine_.finished(started, std::move(result), now);
  log_result(started.key, generation_at(started.key) != generation_before, level);
  if (by_code) settle_code(started.key, digest, failed);
  auto& news = news_[static_cast<std::size_t>(started.key.app)];
  news.look(before, app(started.key.app), failed ? &*failed : nullptr, now);
  dispatch();
}

void token_service::count_attempt(core::flight const& ended, core::failure const* failed,
                                  duration length) {
  auto& figures = figures_.at(static_cast<std::size_t>(ended.key.app));
  ++figures.attempts.at(static_cast<std::size_t>(ended.from)).at(mint_result_of(failed));
  figures.durations.add(std::chrono::duration<double>{length}.count());
  if (failed == nullptr) return;
  auto& last = figures.last_failures;
  last.push_front({ended.key.instance, time_.wall_now(), *failed});
  if (last.size() > mint_figures::last_failures_max) last.pop_back();
}

// A refresh token is the only key to its site: it is on the disk before anything else is done with
// what came along with it.
task<> token_service::keep_refresh_token(core::flight started, code_digest digest, secret sent,
                                         secret fresh) {
  if (fresh.empty()) co_return;
  bool const by_code = started.grant == core::grant::authorization_code;
  bool const is_new = by_code
                          ? grants_.exchanged(started.key, digest, std::move(fresh), time_.now())
                          : grants_.rotated(started.key, sent, std::move(fresh));
  if (!is_new) co_return;
  engine_.note_change(started.key);
  for (;;) {
    auto const written = co_await state_.settled();
    if (written.has_value()) co_return;
    co_await time_.sleep_until(time_.now() + keep_pause);
  }
}

void token_service::settle_code(instance_key const& key, code_digest const& digest,
                                std::optional<core::failure> const& failed) {
  if (!failed) {
    log_code(key, "exchanged", nullptr);
    go_on_with_grant(key);  // another one may have come since
    return;
  }
  if (failed->kind != core::failure_class::instance_blocked) return;  // it is tried again
  grants_.ended(key, digest, code_outcome::refused, failed, time_.now());
  engine_.note_change(key);
  log_code(key, "refused", &*failed);
  go_on_with_grant(key);
}

void token_service::take_notices() {
  for (auto const& notice : engine_.take_notices()) {
    auto const& key = notice.key;
    auto const seen = engine_.view(key, time_.now());
    if (notice.what == core::grant_notice::kind::removal_confirmed) {
      if (!seen || !seen->removal_announced) continue;
      state_.removed(key, retention::refresh_token);
      grants_.erase(key);
      engine_.remove(key);
      log_.info("instance_removed",
                {{"app", apps_[static_cast<std::size_t>(key.app)].name},
                 {"instance", key.instance.to_string()},
                 {"reason", "the upstream has announced and confirmed its removal"}});
      continue;
    }
    auto const last = seen ? seen->last_failure : std::nullopt;
    if (grants_.expire(key, last, time_.now()) == 0) continue;
    engine_.note_change(key);
    log_code(key, "expired", last ? &*last : nullptr);
    go_on_with_grant(key);
  }
}

// The code that the engine goes by: a newer one may be known, which is not on the disk yet.
saved_code const* token_service::offered_code(instance_key const& key) const {
  auto const seen = engine_.view(key, time_.now());
  return seen && seen->code_until ? grants_.pending_until(key, *seen->code_until) : nullptr;
}

void token_service::go_on_with_grant(instance_key const& key) {
  auto const now = time_.now();
  auto const seen = engine_.view(key, now);
  if (!seen) return;
  if (auto const* const code = grants_.pending(key)) {
    // One that is not on the disk yet is offered when it is.
    bool const offer = grants_.is_saved(key) && seen->code_until != code->deadline;
    if (offer) engine_.offer_code(key, code->deadline, now);
    return;
  }
  if (grants_.has_refresh_token(key)) {
    if (seen->grant != core::grant::refresh_token) {
      engine_.set_grant(key, core::grant::refresh_token, now);
    }
    return;
  }
  bool const fall_back = apps_[static_cast<std::size_t>(key.app)].fallback_to_client_credentials;
  if (seen->grant == core::grant::none && fall_back) {
    engine_.set_grant(key, core::grant::client_credentials, now);
  }
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

void token_service::log_code(instance_key const& key, char const* outcome,
                             core::failure const* why) {
  auto const level = why == nullptr ? observe::log_level::info : observe::log_level::warning;
  if (!log_.enabled(level)) return;
  log_.write(level, "code_" + std::string{outcome},
             {{"app", apps_[static_cast<std::size_t>(key.app)].name},
              {"instance", key.instance.to_string()},
              {"status", why == nullptr ? "200" : std::to_string(why->status)},
              {"code", why == nullptr ? "" : why->code},
              {"message", why == nullptr ? "" : why->message},
              {"request_id", why == nullptr ? "" : why->request_id}});
}

}  // namespace wixtokend::service
