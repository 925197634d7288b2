#pragma once
// The shell that runs what the engine decides: starts flights, wakes waiters, arms the one timer.

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "async/time_source.hpp"
#include "core/engine.hpp"
#include "observe/log.hpp"
#include "service/app_news.hpp"
#include "service/grant_book.hpp"
#include "service/mint_figures.hpp"
#include "service/persistence.hpp"
#include "service/ports.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace wixtokend::service {

/// One app as the service knows it.
struct app_binding {
  std::string name;      ///< local short name, for logs
  token_source* source;  ///< outlives the service
  /// An instance whose code came to nothing, and that has no other grant, goes on with this.
  bool fallback_to_client_credentials = true;
};

/// Whether a caller found its token there or had to wait for it.
enum class cache_outcome : std::uint8_t { hit, miss, coalesced, stale };
inline constexpr std::size_t cache_outcome_count = 4;
/// "hit" and so on.
[[nodiscard]] char const* to_string(cache_outcome how) noexcept;
/// A count for each.
using cache_counts = std::array<std::uint64_t, cache_outcome_count>;

/// Everything the local API does goes through here. Belongs to the loop's thread.
///
/// A flight belongs to the service: a caller that leaves does not end it.
class token_service {
 public:
  /// @param state  Where what changes is written, and legacy instances have their secrets.
  token_service(event_loop& loop, time_source& time, persistence& state,
                std::vector<app_binding> apps, observe::logger& log);
  ~token_service();

  /// Starts acting on the engine's decisions.
  void start();

  /// Answers all waiters with `stopping`, ends flights; after it only `serve` answers. Flights that
  /// may bring a refresh token are waited for, up to `exchange_time_max`.
  static constexpr duration exchange_time_max = std::chrono::seconds{10};
  task<> stop();

  /// The one choke point: the token that may be written out at this very moment, if any meets the
  /// needs. Never suspends; look up again after any wait.
  [[nodiscard]] std::optional<core::token_view> serve(instance_key const& key,
                                                      core::token_needs const& needs) const;

  /// What a caller came to. On success the token is looked up with `serve`.
  struct waited {
    std::optional<core::refusal> refused;
    cache_outcome how = cache_outcome::hit;
  };

  /// Waits until a token meets the needs, for `wait` at most. Counts as use of the instance. One
  /// that is not known is created if the policy says so. `peer` is whose budgets this takes. A
  /// caller that leaves cancels this task; the attempt that it may have caused goes on.
  task<waited> await_token(instance_key key, core::token_needs needs, duration wait,
                           core::peer_id peer);

  /// Waits until there is another token than that of generation `has.newer_than`, or that one may
  /// not be handed out any more with `has.min_valid` left; for `wait` at most. Causes no attempt.
  /// Until it ends the instance is in use. A caller that leaves cancels this task.
  /// @returns nothing if it is time to look again; a refusal if it is no use to wait on:
  ///          `unknown_instance`, `stopping`, or `wait_ended` before the wait has begun.
  task<std::optional<core::refusal>> await_change(instance_key key, core::token_needs has,
                                                  duration wait, core::peer_id peer);

  /// A caller saw generation `generation` refused by an API; see `core::rejection`.
  core::rejection reject(instance_key const& key, core::generation_number generation,
                         core::peer_id peer);
  /// How long a rejection would be held off yet.
  [[nodiscard]] duration rejection_hold(instance_key const& key, core::peer_id peer) const;
  /// The same for a caller that kept the token only. Compares in constant time.
  /// @returns the generation it is of: the current one, or nothing for any other token.
  [[nodiscard]] std::optional<core::generation_number> generation_of(instance_key const& key,
                                                                     secret const& token) const;

  /// Whose current token this is, of any app: the token itself names the candidate, the bytes
  /// decide, in constant time.
  struct token_owner {
    instance_key key;
    core::generation_number generation = 0;
  };
  [[nodiscard]] std::optional<token_owner> owner_of(secret const& token) const;

  /// What an instance goes on with when a code has come to something or a store brought it back:
  /// its next code, its refresh token, or client credentials.
  void go_on_with_grant(instance_key const& key);
  /// Does everything that the engine has decided. To be called after each event.
  void dispatch();

  /// Clears blocked and backoff. @returns false if the instance is not known.
  bool retry(instance_key const& key);

  [[nodiscard]] std::optional<core::instance_view> view(instance_key const& key) const;
  /// Up to `limit` instances of an app from position `cursor` on, and the position to go on at.
  struct page {
    std::vector<core::instance_view> instances;
    std::optional<std::uint64_t> next;
  };
  [[nodiscard]] page list(app_number app, std::optional<core::instance_state> state,
                          std::uint64_t cursor, std::size_t limit) const;

  /// Asks the upstream about the instance's usable token; nothing if there is none. Goes against
  /// the app's budget: a failure `local_rate_limit` without status when that is used up.
  task<std::optional<std::variant<token_info, core::failure>>> info(instance_key key);

  /// Whether codes that come to nothing fall back to client credentials from now on.
  void fall_back(app_number app, bool wanted) noexcept {
    apps_[static_cast<std::size_t>(app)].fallback_to_client_credentials = wanted;
  }

  /// How an app's endpoint does. `refusal` in it lives until the next event.
  [[nodiscard]] core::app_view app(app_number which) const noexcept;

  /// An app that the upstream refuses.
  struct refused_app {
    std::string name;
    bool suspected = false;  ///< it did not say so; many instances were refused in a row
  };
  /// What readiness is made of.
  struct readiness {
    std::size_t kept_warm = 0;  ///< instances that should have a usable token
    std::size_t usable = 0;     ///< of these, how many have one
    std::vector<refused_app> refused;
  };
  [[nodiscard]] readiness readiness_now() const;

  [[nodiscard]] mint_figures const& figures(app_number app) const {
    return figures_.at(static_cast<std::size_t>(app));
  }
  /// How far the local clock is ahead of the upstream's, if that is known.
  [[nodiscard]] std::optional<std::chrono::seconds> clock_offset(app_number app) const noexcept {
    return apps_[static_cast<std::size_t>(app)].source->last_clock_offset();
  }
  /// Callers that wait, and that watch, at present.
  [[nodiscard]] std::size_t waiters() const noexcept { return engine_.waiters(); }
  /// Looks at every instance, with pauses in which others go on. @returns a part for each app.
  [[nodiscard]] task<std::vector<core::app_survey>> survey() const;

  [[nodiscard]] time_source& time() const noexcept { return time_; }

 private:
  [[nodiscard]] bool is_durable(core::instance_view const& seen) const noexcept;
  class waiting;       // one coroutine in await_token
  class budget_share;  // one Token Info under way
  class exchange;      // a flight that may bring a refresh token

  task<waited> wait_for(core::waiter_id id, bool shared);
  void arm();
  task<> run_flight(core::flight started);
  void count_attempt(core::flight const& ended, core::failure const* failed, duration length);
  task<> keep_refresh_token(core::flight started, code_digest digest, secret sent, secret fresh);
  void settle_code(instance_key const& key, code_digest const& digest,
                   std::optional<core::failure> const& failed);
  [[nodiscard]] saved_code const* offered_code(instance_key const& key) const;
  void take_notices();
  task<> run_timer();
  task<result<bool>> exchanges_ended();
  [[nodiscard]] observe::log_level level_of(instance_key const& key,
                                            core::flight_result const& result) const;
  [[nodiscard]] core::generation_number generation_at(instance_key const& key) const;
  void log_result(instance_key const& key, bool minted, observe::log_level level);
  void log_code(instance_key const& key, char const* outcome, core::failure const* why);

  time_source& time_;
  executor executor_;
  core::engine& engine_;
  grant_book& grants_;
  persistence& state_;
  std::vector<app_binding> apps_;
  observe::logger& log_;
  std::vector<app_news> news_;         ///< of each app
  std::vector<mint_figures> figures_;  ///< likewise
  std::map<core::waiter_id, waiting*> waiting_;
  event wake_changed_;
  unsigned exchanges_ = 0;
  event exchanges_over_;
  instant armed_for_ = never;
  task_group tasks_;
};

}  // namespace wixtokend::service
