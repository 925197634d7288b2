#include "sim/world.hpp"

#include "support/run_task.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace wixtokend::sim {

world::world(std::uint64_t seed, std::size_t instances, double days)
    : plan{draw_scenario(seed, instances, days, time.now())} {
  for (std::size_t app = 0; app < plan.apps.size(); ++app) {
    upstreams_.emplace_back(time, plan, app, known, check);
  }
  begin();
}

void world::start() {
  check.restarted();
  std::vector<std::size_t> all(known.size());
  for (std::size_t index = 0; index < all.size(); ++index) all[index] = index;
  register_all(all);
  service_->start();
  time.settle();
}

world::~world() {
  stop();
}

void world::halt() {
  test::run_task(loop, service_->stop());
}

void world::stop() {
  halt();
  time.settle();
  registrar_.reset();
  service_.reset();
  state_.reset();
  engine_.reset();
}

// What a store keeps: above every generation that was given out, whatever the wall clock says.
core::generation_number world::floor() const noexcept {
  auto const wall = std::max<std::int64_t>(time.wall_now().time_since_epoch().count(), 0);
  return std::max(static_cast<core::generation_number>(wall), known.greatest_generation + 1);
}

void world::begin() {
  std::vector<core::app_policy> policies;
  std::vector<service::app_binding> bindings;
  for (std::size_t app = 0; app < plan.apps.size(); ++app) {
    policies.push_back(known.apps()[app].policy);
    bindings.push_back({"app-" + std::to_string(app), &upstreams_[app]});
  }
  engine_ = std::make_unique<core::engine>(plan.policy, policies, mixed(plan.seed, ++starts_, 5),
                                           floor());
  state_ = std::make_unique<service::persistence>(loop, time, *engine_, grants_, log_);
  service_ =
      std::make_unique<service::token_service>(loop, time, *state_, std::move(bindings), log_);
  registrar_ = std::make_unique<service::registrar>(time, *state_, *service_, false);
  check.attach(*engine_, *service_);
}

std::optional<bool> world::add(instance_key const& key) {
  auto const outcome = registrar_->add_now(key, {});
  service_->dispatch();
  if (outcome == service::registration_outcome::full) return std::nullopt;
  return outcome == service::registration_outcome::added;
}

bool world::remove(instance_key const& key) {
  bool const was_there = engine_->remove(key);
  service_->dispatch();
  return was_there;
}

bool world::drop_token(instance_key const& key) {
  bool const was_there = engine_->drop_token(key, time.now());
  service_->dispatch();
  return was_there;
}

void world::register_all(std::vector<std::size_t> const& which) {
  for (auto const index : which) {
    auto const added = add(key_of(index));
    if (added) check.registered(index, *added);
  }
}

std::vector<checker::memory> world::memories() const {
  std::vector<checker::memory> all;
  for (std::size_t index = 0; index < known.size(); ++index) {
    auto const& of = known.at(index);
    if (!service_->view(of.key)) continue;
    bool const proven = of.registered || of.last_generation != 0;
    if (!proven) continue;
    auto const held = of.usable(time.now()) ? of.held : issued_token{};
    all.push_back({index, of.registered, held, of.last_generation, of.refresh_at});
  }
  return all;
}

bool world::bring_back(checker::memory const& from) {
  core::saved_instance known_before;
  known_before.key = key_of(from.index);
  known_before.registered = from.registered;
  known_before.generation = from.generation;
  known_before.refresh_at = from.refresh_at;
  if (from.held.serial != 0) {
    known_before.token.token = from.held.to_secret();
    known_before.token.sent = from.held.sent;
    known_before.token.expires_at = from.held.sent + from.held.life();
    known_before.token.life_assumed = from.held.assumed;
  }
  return engine_->restore(std::move(known_before), floor(), time.now());
}

void world::restart(bool remember) {
  auto const before = memories();
  stop();
  begin();
  check.restarted();
  std::vector<std::size_t> fresh;
  for (auto const& one : before) {
    if (remember && bring_back(one)) {
      check.restored(one.index, one);
    } else if (one.registered) {
      fresh.push_back(one.index);
    }
  }
  register_all(fresh);
  service_->start();
  time.settle();
}

void world::configure(std::size_t app, core::app_policy const& policy) {
  engine_->configure(app_number{static_cast<std::uint16_t>(app)}, policy, time.now());
  check.configured(app, policy);
  // The service looks at what the engine wants now. No instance has this id.
  static_cast<void>(remove({}));
  time.settle();
}

}  // namespace wixtokend::sim
