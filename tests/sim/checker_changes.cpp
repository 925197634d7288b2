// What is done to the engine: by an administrator, to the clock, or by starting anew.

#include "sim/checker.hpp"

namespace wixtokend::sim {

checker::checker(scenario const& plan, model& known, ledger& book)
    : plan_{plan}, known_{known}, book_{book} {}

void checker::attach(core::engine& engine, service::token_service& service) noexcept {
  engine_ = &engine;
  service_ = &service;
}

void checker::registered(std::size_t index, bool is_new) {
  book_.saw("registered", index, is_new ? 1 : 0);
  auto& of = known_.at(index);
  auto& app = known_.app_of(index);
  if (is_new == of.registered) {
    report("no_leak", index, is_new ? "was registered already" : "was not registered any more");
  }
  if (!is_new) {
    if (of.blocked_most != 0) of.forgive();  // it is tried again at once
    return;
  }
  auto const held = of.held;
  lose(index);  // it counts for the demand from now on
  of.registered = true;
  ++app.registered;
  of.forgive();
  of.held = {};
  if (held.serial == 0) return;
  of.generation = 0;
  look(index);
}

void checker::removed(std::size_t index) {
  book_.saw("removed", index, 0);
  auto& of = known_.at(index);
  lose(index);
  of.forget();
  if (of.registered) --known_.app_of(index).registered;
  of.registered = false;
}

void checker::dropped(std::size_t index) {
  book_.saw("dropped", index, 0);
  auto& of = known_.at(index);
  lose(index);
  of.forgive();
  of.rejected = 0;
  of.discard = of.mints_under_way != 0;
  disturbed(known_.app_of(index));
}

void checker::retried(std::size_t index) {
  book_.saw("retried", index, 0);
  known_.at(index).forgive();
  known_.app_of(index).refused_until = long_ago;  // it has the app probed as well
}

void checker::configured(std::size_t app, core::app_policy const& policy) {
  book_.saw("configured", app, 0);
  auto& of = known_.apps()[app];
  auto const mine = [&](std::size_t index) {
    auto const& one = known_.at(index);
    return one.registered && static_cast<std::size_t>(one.key.app) == app;
  };
  of.demand = 0;
  of.configure(policy, now());
  for (std::size_t index = 0; index < known_.size(); ++index) {
    if (mine(index)) of.demand += demand_of(known_.at(index).held, policy);
  }
  of.refused_until = long_ago;
  disturbed(of);
}

void checker::suspended() {
  book_.saw("suspended", 0, 0);
  resumed_at_ = now();
  for (auto& app : known_.apps()) {
    app.stuck_since = never;
    disturbed(app);
  }
}

// The rate's bucket is full again, and a Retry-After is not remembered: neither is kept in a store.
void checker::restarted() {
  book_.saw("restarted", 0, 0);
  if (!deadlines_.empty()) {
    report("no_leak", deadlines_.begin()->second, "a caller was not answered when all were");
  }
  for (std::size_t index = 0; index < known_.size(); ++index) {
    auto& of = known_.at(index);
    lose(index);
    of.forget();
    of.not_before = long_ago;
    of.registered = false;
  }
  touched_.clear();
  was_full_ = false;
  for (auto& app : known_.apps()) {
    app.registered = 0;
    app.demand = 0;
    app.requests.forgive();
    app.rejections.forgive();
    app.paused_until = long_ago;
    app.last_throttled.reset();
    app.refusals = 0;
    app.blocked.clear();
    app.refused_until = long_ago;
    app.stuck_since = never;
    disturbed(app);
  }
}

void checker::restored(std::size_t index, memory const& from) {
  auto& of = known_.at(index);
  auto& app = known_.app_of(index);
  of.registered = from.registered;
  if (from.registered) ++app.registered;
  if (from.held.serial == 0 || now() >= from.held.usable_until()) return;
  auto const token = service_->serve(of.key, {});
  if (!token || token->generation != from.generation || token->refresh_at != from.refresh_at) {
    return report("failure_keeps", index, "a restored token is not served as it was");
  }
  look(index);
}

}  // namespace wixtokend::sim
