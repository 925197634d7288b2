#pragma once
// Compares what the engine does with what it may do: after each step, and all of it now and then.

#include "core/engine.hpp"
#include "service/token_service.hpp"
#include "sim/ledger.hpp"
#include "sim/model.hpp"
#include "sim/scenario.hpp"

#include <cstddef>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace wixtokend::sim {

/// What an upstream request is for.
enum class request_kind : std::uint8_t { mint, question };

/// Is told of everything that crosses the engine's and the service's borders, keeps the model, and
/// reports to the ledger. Each invariant has a name; README.md lists them.
class checker {
 public:
  checker(scenario const& plan, model& known, ledger& book);

  /// The engine and service from now on.
  void attach(core::engine& engine, service::token_service& service) noexcept;

  // ---- upstream (checker_requests.cpp)

  void began(std::size_t index, request_kind kind);
  void over(std::size_t index, request_kind kind);
  void minted(std::size_t index, issued_token const& token);
  void failed(std::size_t index, request_kind kind, core::failure const& why);

  // ---- callers (checker_tokens.cpp)

  struct wait {
    std::size_t index = 0;
    core::token_needs needs;
    instant deadline{};
  };
  void asked(wait const& caller);
  void left(wait const& caller);  ///< answered or not
  /// @param token  What the choke point gave, decoded.
  void served(wait const& caller, core::token_view const& token);
  void refused(wait const& caller, core::refusal_reason reason);
  void rejected(std::size_t index, core::generation_number generation, core::rejection verdict,
                core::instance_view const& before);

  // ---- administrator and clock (checker_changes.cpp)

  void registered(std::size_t index, bool is_new);
  void removed(std::size_t index);
  void dropped(std::size_t index);
  void retried(std::size_t index);
  void configured(std::size_t app, core::app_policy const& policy);
  void suspended();
  /// All that was not restored is forgotten; to be called when the engine is new and empty.
  void restarted();
  /// What a store would have kept of an instance.
  struct memory {
    std::size_t index = 0;
    bool registered = false;
    issued_token held;
    core::generation_number generation = 0;
    instant refresh_at{};
  };
  void restored(std::size_t index, memory const& from);

  // ---- all of it (checker_scans.cpp)

  /// @param woken_at  When the next wait that anybody has ends.
  void after_step(instant woken_at);
  void full_scan();
  /// How long after the end of all faults everything kept warm must be usable at the latest.
  [[nodiscard]] duration recovery_bound() const;
  /// True if it is.
  [[nodiscard]] bool recovered() const;
  void must_be_recovered();
  /// No caller is left and nothing is under way any more: what remains?
  void must_be_tidy();

 private:
  // checker_requests.cpp
  void check_pace(std::size_t index);
  void throttled(std::size_t index, core::failure const& why);
  void app_refused(std::size_t index);
  void fell_short(instance_model& of);
  void disturbed(app_model& app);
  [[nodiscard]] duration calm_delay(app_model const& app) const;

  // checker_tokens.cpp
  void look(std::size_t index);
  void hold(std::size_t index, issued_token const& token, core::token_view const& seen);
  void lose(std::size_t index);
  void gone(std::size_t index);

  // checker_scans.cpp
  void check_lapses();
  void check_progress(std::size_t app);
  void check_instance(std::size_t index);
  [[nodiscard]] bool must_be_warm(instance_model const& of) const;
  [[nodiscard]] bool feasible(app_model const& app) const;
  [[nodiscard]] instant now() const noexcept { return book_.time.now(); }
  void report(char const* invariant, std::size_t index, std::string facts);
  void report_app(char const* invariant, app_model const& app, std::string facts);

  struct lapse {
    instant at{};
    std::size_t index = 0;
    std::uint64_t serial = 0;
    friend auto operator<=>(lapse const&, lapse const&) = default;
  };

  scenario const& plan_;
  model& known_;
  ledger& book_;
  core::engine* engine_ = nullptr;
  service::token_service* service_ = nullptr;
  std::vector<std::size_t> touched_;  ///< got a mint's result in this step
  std::multiset<std::pair<instant, std::size_t>> deadlines_;
  std::priority_queue<lapse, std::vector<lapse>, std::greater<>> lapses_;
  instant resumed_at_ = long_ago;  ///< the machine was suspended until then
  bool was_full_ = false;          ///< the table was, at some time
  std::uint64_t next_scan_ = 0;
};

/// What keeping the instance of a token warm costs, in mints per second.
[[nodiscard]] double demand_of(issued_token const& held, core::app_policy const& policy) noexcept;

/// For messages: seconds with three decimals.
[[nodiscard]] std::string seconds_text(duration length);

}  // namespace wixtokend::sim
