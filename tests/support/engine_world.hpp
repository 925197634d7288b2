#pragma once
// An engine with a clock of its own, for tests that play its callers and its upstream by hand.

#include "core/engine.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace wixtokend::test {

using namespace std::chrono_literals;

/// The key of instance number `n` of app 0 (or another).
inline instance_key key_of(unsigned n, unsigned app = 0) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "00000000-0000-4000-8000-000000000000";
  for (std::size_t i = text.size(); n != 0; n /= 16) text[--i] = digits[n % 16];
  return {app_number{static_cast<std::uint16_t>(app)}, instance_id::parse(text).value()};
}

/// Fails with the given class.
inline core::failure failed(core::failure_class kind, std::string code = "test",
                            std::optional<duration> retry_after = std::nullopt) {
  return {kind, 500, std::move(code), "scripted", "request-1", retry_after};
}

/// The default policy, but with the whole ceiling for instances that nobody waits for.
inline core::app_policy unhurried() {
  core::app_policy app;
  app.requests_per_second = app.requests_per_second_max;
  return app;
}

/// The subject and its surroundings. Each call of `run` is one turn of the shell around it.
struct engine_world {
  static constexpr core::generation_number start_floor = 1'000'000;

  core::engine_policy policy;
  std::vector<core::app_policy> apps{unhurried()};  ///< the background may use the whole ceiling
  std::uint64_t seed = 1;
  instant now{1h};
  std::optional<core::engine> made;
  std::vector<core::completion> completed;
  unsigned tokens = 0;

  core::engine& engine() {
    if (!made) made.emplace(policy, apps, seed, start_floor);
    return *made;
  }

  /// Starts every flight that the engine wants now.
  std::vector<core::flight> run() {
    std::vector<core::flight> started;
    while (auto const one = engine().next(now)) started.push_back(*one);
    for (auto& one : engine().take_completions()) completed.push_back(std::move(one));
    return started;
  }

  /// Moves on to `length` later, step by step as the engine asks to be woken.
  /// @returns the flights started on the way; they stay under way.
  std::vector<core::flight> pass(duration length) {
    auto const end = now + length;
    auto started = run();
    while (engine().wake_at() <= end) {
      now = std::max(now, engine().wake_at());
      for (auto const& one : run()) started.push_back(one);
    }
    now = end;
    return started;
  }

  void finish(core::flight const& flight, core::flight_result result) {
    engine().finished(flight, std::move(result), now);
    for (auto& one : engine().take_completions()) completed.push_back(std::move(one));
  }

  /// A token that lives for `life` from now on, with bytes of its own.
  core::minted token(duration life = 4h) {
    return {secret{"token-" + std::to_string(++tokens)}, now, now + life, false};
  }

  /// Registers an instance and gives it a token. @returns its generation.
  core::generation_number warm(instance_key const& key, duration life = 4h) {
    engine().add(key, 0, now);
    for (auto const& flight : run()) finish(flight, token(life));
    return engine().view(key, now).value().generation;
  }

  core::request_answer ask(instance_key const& key, duration wait = 5s,
                           core::token_needs const& needs = {}, core::peer_id peer = {}) {
    return engine().request(key, needs, peer, now + wait, now);
  }

  /// What was given to a waiter; it must have been completed.
  core::completion of(core::request_answer const& answer) {
    for (auto const& one : completed) {
      if (one.waiter == std::get<core::waiter_id>(answer)) return one;
    }
    throw std::logic_error{"the waiter was not completed"};
  }
};

}  // namespace wixtokend::test
