// What callers get.

#include "sim/checker.hpp"

#include <algorithm>

namespace wixtokend::sim {
namespace {

constexpr core::generation_number generations_end = 1ULL << 53U;
constexpr duration rejection_gap = 10s;
constexpr duration rounding = 1us;

}  // namespace

void checker::asked(wait const& caller) {
  auto& of = known_.at(caller.index);
  // On-demand entries that came to nothing are forgotten without a word.
  if (!of.registered && !service_->view(of.key)) gone(caller.index);
  ++of.waiting;
  deadlines_.emplace(caller.deadline, caller.index);
  if (caller.deadline <= now() && !service_->serve(of.key, caller.needs)) of.wanted_once = true;
}

void checker::left(wait const& caller) {
  --known_.at(caller.index).waiting;
  deadlines_.erase(deadlines_.find({caller.deadline, caller.index}));
}

void checker::served(wait const& caller, core::token_view const& token) {
  auto const index = caller.index;
  ++book_.answers;
  book_.saw("served", index, token.generation);
  auto const content = issued_token::from(*token.token);
  if (!content || content->index != index) {
    return report("usable_only", index, "the answer has the token of somebody else");
  }
  auto const until = content->usable_until();
  if (now() >= until) {
    report("usable_only", index,
           "a token was served " + seconds_text(now() - until) + " after its end");
  }
  if (token.usable_until > until + rounding) {
    report(
        "usable_only", index,
        "a token is said to be usable " + seconds_text(token.usable_until - until) + " too long");
  }
  if (until - now() < caller.needs.min_valid) {
    report("usable_only", index, "less life is left than the caller demanded");
  }
  if (token.generation <= caller.needs.newer_than) {
    report("rejection", index,
           "a caller that waits for something newer than generation " +
               std::to_string(caller.needs.newer_than) + " got " +
               std::to_string(token.generation));
  }
  hold(index, *content, token);
}

void checker::refused(wait const& caller, core::refusal_reason reason) {
  auto const index = caller.index;
  ++book_.answers;
  book_.saw("refused", index, static_cast<std::uint64_t>(reason));
  auto const limit = std::max(caller.deadline, resumed_at_);
  if (now() > limit) {
    report("waiter_deadline", index,
           "a caller was answered " + seconds_text(now() - limit) + " after its wait had ended");
  }
  auto const& of = known_.at(index);
  auto const& needs = caller.needs;
  if (reason == core::refusal_reason::stopping || !of.usable(now())) return;
  auto const until = of.held.usable_until();
  bool const impossible = reason == core::refusal_reason::impossible_validity &&
                          needs.min_valid > (until - of.held.sent) / 2;
  if (impossible || until - now() < needs.min_valid || of.generation <= needs.newer_than) return;
  if (!of.registered && !service_->view(of.key)) return gone(index);
  report("failure_keeps", index,
         "a caller was refused although the token of generation " + std::to_string(of.generation) +
             " is usable for another " + seconds_text(until - now()));
}

// After a mint has ended, and in full scans: is there what should be there?
void checker::look(std::size_t index) {
  auto const& of = known_.at(index);
  auto const token = service_->serve(of.key, {});
  if (!token) {
    if (!of.usable(now())) return;
    if (!of.registered && !service_->view(of.key)) return gone(index);
    return report("failure_keeps", index,
                  "the token of generation " + std::to_string(of.generation) +
                      " is usable for another " + seconds_text(of.held.usable_until() - now()) +
                      ", but is not served");
  }
  auto const content = issued_token::from(*token->token);
  if (!content || content->index != index || now() >= content->usable_until()) {
    return report("usable_only", index, "what would be served is not usable");
  }
  hold(index, *content, *token);
}

// This token is what the engine has now.
void checker::hold(std::size_t index, issued_token const& token, core::token_view const& seen) {
  auto& of = known_.at(index);
  auto const generation = seen.generation;
  of.refresh_at = seen.refresh_at;
  if (generation == of.generation && token.serial == of.held.serial) return;
  book_.saw("holds", index, generation);

  if (generation < of.last_generation ||
      (generation == of.last_generation && token.serial != of.last_serial)) {
    return report("generation_rises", index,
                  "generation " + std::to_string(generation) + " for another token after " +
                      std::to_string(of.last_generation));
  }
  bool const again = of.held.serial != 0 && token.serial == of.held.serial;
  if (again || generation >= generations_end) {
    return report("generation_rises", index,
                  "generation " + std::to_string(generation) +
                      (again ? " for the same bytes" : " is too great"));
  }
  bool const unwanted = of.rejected == of.generation && of.rejected != 0;
  if (of.usable(now()) && !unwanted && token.usable_until() < of.held.usable_until()) {
    report("failure_keeps", index,
           "a token was replaced by one that ends " +
               seconds_text(of.held.usable_until() - token.usable_until()) + " earlier");
  }
  auto& app = known_.app_of(index);
  if (of.registered) {
    app.demand += demand_of(token, app.policy) - demand_of(of.held, app.policy);
  }
  of.held = token;
  of.generation = generation;
  of.last_generation = generation;
  of.last_serial = token.serial;
  of.in_vain = false;
  known_.greatest_generation = std::max(known_.greatest_generation, generation);
  if (of.registered) lapses_.push({token.usable_until(), index, token.serial});
}

// Dropped, removed or forgotten on purpose.
void checker::lose(std::size_t index) {
  auto& of = known_.at(index);
  auto& app = known_.app_of(index);
  if (of.registered) app.demand -= demand_of(of.held, app.policy);
  of.held = {};
}

// An on-demand entry may go when the table is full; without that none with a usable token may.
void checker::gone(std::size_t index) {
  if (known_.at(index).usable(now()) && !was_full_) {
    report("failure_keeps", index, "was forgotten with a usable token, and the table is not full");
  }
  lose(index);
  known_.at(index).forget();
}

void checker::rejected(std::size_t index, core::generation_number generation,
                       core::rejection verdict, core::instance_view const& before) {
  auto& of = known_.at(index);
  book_.saw("rejected", index, static_cast<std::uint64_t>(verdict));
  look(index);
  bool const current = of.usable(now()) && generation == of.generation;
  if (current && verdict == core::rejection::replacing && of.rejected != generation) {
    if (of.rejected_at != long_ago && now() - of.rejected_at < rejection_gap) {
      report("rejection", index, "two generations within " + seconds_text(now() - of.rejected_at));
    }
    auto& app = known_.app_of(index);
    if (!app.rejections.take(now())) {
      report("rejection", index, "reports take more than a quarter of the rate");
    }
    of.rejected = generation;
    of.rejected_at = now();
    of.pace_until = long_ago;
    of.caller_until = long_ago;
    return;
  }
  if (!current && (verdict == core::rejection::replacing || verdict == core::rejection::held_off)) {
    report("rejection", index,
           "a report of generation " + std::to_string(generation) + " was taken for one of " +
               std::to_string(of.generation));
  }
  // All other reports change nothing.
  auto const after = service_->view(of.key);
  if (!after) return;
  bool const earlier =
      after->next_attempt_at &&
      (!before.next_attempt_at || *after->next_attempt_at < *before.next_attempt_at);
  bool const flying = after->scheduled == core::schedule_reason::in_flight &&
                      before.scheduled != core::schedule_reason::in_flight;
  bool const due_anyway = before.next_attempt_at && *before.next_attempt_at <= now();
  if (earlier || (flying && !due_anyway) || after->rejected != before.rejected) {
    report("rejection", index, "a report that counts for nothing has caused an attempt");
  }
}

}  // namespace wixtokend::sim
