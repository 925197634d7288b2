#include "sim/load/engine_refresher.hpp"

#include "core/refresh_policy.hpp"

#include <array>
#include <cassert>
#include <cstdio>
#include <string>
#include <utility>
#include <variant>

namespace wixtokend::sim::load {
namespace {

constexpr core::generation_number floor_at_start = 1'700'000'000'000;
constexpr std::size_t number_offset = 12;  // of the instance's number in its id

instance_key key_of(instance_number number) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "00000000-0000-4000-8000-0000%08x", number);
  return {app_number{0}, instance_id::parse(std::string_view{text.data(), 36}).value()};
}

instance_number number_of(instance_key const& key) {
  instance_number number = 0;
  for (auto i = number_offset; i < 16; ++i) number = number << 8U | key.instance.bytes()[i];
  return number;
}

}  // namespace

engine_refresher::engine_refresher(core::engine_policy const& policy, core::app_policy const& app,
                                   std::size_t instances, std::uint64_t seed)
    : policy_{policy}, app_{app}, random_{seed}, engine_{policy, {app}, seed, floor_at_start} {
  keys_.reserve(instances);
  for (instance_number i = 0; i < instances; ++i) keys_.push_back(key_of(i));
}

secret engine_refresher::new_token() {
  return secret{std::to_string(++tokens_)};
}

void engine_refresher::add(instance_number instance, instant now) {
  auto const added = engine_.add(keys_[instance], floor_at_start, now);
  assert(added.value_or(false));
  static_cast<void>(added);
}

instant engine_refresher::add_warm(instance_number instance, double cycle, instant now) {
  auto const interval = core::refresh_after(token_life, random_.unit(), app_.resilience, policy_);
  auto const sent = now - core::scaled(interval, cycle);
  core::saved_instance known;
  known.key = keys_[instance];
  known.registered = true;
  known.generation = floor_at_start;
  known.token = core::minted{new_token(), sent, sent + token_life, false};
  known.refresh_at = sent + interval;
  bool const restored = engine_.restore(std::move(known), floor_at_start, now);
  assert(restored);
  static_cast<void>(restored);
  return sent;
}

std::optional<attempt> engine_refresher::next(instant now) {
  auto const flight = engine_.next(now);
  if (!flight) return std::nullopt;
  return attempt{number_of(flight->key), flight->number};
}

void engine_refresher::finished(attempt const& which, bool minted, instant sent, instant now) {
  core::flight const flight{which.number, keys_[which.instance]};
  if (minted) {
    engine_.finished(flight, core::minted{new_token(), sent, sent + token_life, false}, now);
  } else {
    core::failure const down{core::failure_class::transient, 503, "", "", "", std::nullopt};
    engine_.finished(flight, down, now);
  }
}

found engine_refresher::ask(instance_number instance, ticket caller, instant deadline,
                            instant now) {
  auto const answer = engine_.request(keys_[instance], {}, {}, deadline, now);
  if (std::holds_alternative<core::token_view>(answer)) return found::usable;
  auto const* const waiting = std::get_if<core::waiter_id>(&answer);
  if (waiting == nullptr) return found::refused;
  callers_.emplace(static_cast<std::uint64_t>(*waiting), caller);
  return found::waits;
}

std::vector<ended_wait> engine_refresher::take_ended() {
  std::vector<ended_wait> ended;
  for (auto const& one : engine_.take_completions()) {
    auto const caller = callers_.find(static_cast<std::uint64_t>(one.waiter));
    assert(caller != callers_.end());
    ended.push_back({caller->second, !one.refused.has_value()});
    callers_.erase(caller);
  }
  return ended;
}

}  // namespace wixtokend::sim::load
