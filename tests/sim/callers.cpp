#include "sim/callers.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace wixtokend::sim {
namespace {

// Cancellation is how a caller leaves; anything else is a bug and ends the run.
void expect_cancellation(std::exception_ptr const& failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (boost::system::system_error const& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
}

}  // namespace

// Tells the checker when the caller is no longer there, however that came.
class callers::stay {
 public:
  stay(checker& check, checker::wait const& wait) : check_{check}, wait_{wait} {
    check_.asked(wait_);
  }
  stay(stay const&) = delete;
  stay& operator=(stay const&) = delete;
  ~stay() { check_.left(wait_); }

 private:
  checker& check_;
  checker::wait const& wait_;
};

callers::callers(world& around) : world_{around}, draws_{around.plan.seed, 200} {}

// Nobody may be left in a coroutine that refers to this.
callers::~callers() {
  hang_up();
  while (!visits_.empty()) leave(visits_.begin()->first);
}

task<> callers::obtain(visit& who) {
  auto& check = world_.check;
  auto& service = world_.service();
  stay const here{check, who.wait};
  auto const key = world_.key_of(who.wait.index);
  auto const patience = who.wait.deadline - world_.time.now();
  auto asking = service.await_token(key, who.wait.needs, patience, who.peer);
  auto const answer = co_await std::move(asking);

  if (answer.refused) {
    check.refused(who.wait, answer.refused->reason);
    co_return;
  }
  auto const token = service.serve(key, who.wait.needs);
  if (!token) co_return;  // gone again; the checker looks for itself
  check.served(who.wait, *token);
  if (draws_.chance(world_.plan.reject_share)) {
    auto generation = token->generation;
    if (draws_.chance(0.1)) generation -= 1;
    if (draws_.chance(0.1)) generation += 1;
    complaints_.push_back({who.wait.index, generation, draws_.chance(0.7)});
  }
}

core::token_needs callers::draw_needs(std::size_t index) {
  core::token_needs needs;
  auto const& held = world_.known.at(index).held;
  if (held.serial != 0 && held.life() > 0s && draws_.chance(0.05)) {
    needs.min_valid = draws_.between(0s, held.life() * 6 / 10);
  }
  return needs;
}

std::uint64_t callers::enter(checker::wait const& wait) {
  auto const id = ++last_;
  auto& who = visits_[id];
  who.wait = wait;
  who.peer = {1000 + static_cast<std::uint32_t>(draws_.below(4)),
              static_cast<std::uint16_t>(draws_.below(2))};
  auto const ended = [this, id](std::exception_ptr const& failure) {
    visits_.erase(id);
    expect_cancellation(failure);
  };
  asio::co_spawn(world_.loop, obtain(who), asio::bind_cancellation_slot(who.leave.slot(), ended));
  world_.time.settle();
  return id;
}

std::optional<callers::departure> callers::ask(std::size_t index) {
  constexpr std::array<duration, 8> waits{0s, 0s, 100ms, 1s, 5s, 5s, 5s, 60s};
  auto const now = world_.time.now();
  auto const patience = draws_.pick(waits);
  auto const id = enter({index, draw_needs(index), now + patience});
  if (!visits_.contains(id) || !draws_.chance(world_.plan.vanish_share)) return std::nullopt;
  return departure{now + draws_.between(0s, patience), id};
}

void callers::leave(std::uint64_t who) {
  auto const found = visits_.find(who);
  if (found == visits_.end()) return;
  found->second.leave.emit(asio::cancellation_type::terminal);
  world_.time.settle();
}

task<> callers::ask_upstream(instance_key key) {
  auto asking = world_.service().info(key);
  static_cast<void>(co_await std::move(asking));
}

void callers::question(std::size_t index) {
  auto const id = ++last_;
  auto& signal = questions_[id];
  auto const ended = [this, id](std::exception_ptr const& failure) {
    questions_.erase(id);
    expect_cancellation(failure);
  };
  asio::co_spawn(world_.loop, ask_upstream(world_.key_of(index)),
                 asio::bind_cancellation_slot(signal.slot(), ended));
  world_.time.settle();
}

void callers::hang_up() {
  std::vector<std::uint64_t> open;
  for (auto const& [id, signal] : questions_) open.push_back(id);
  std::sort(open.begin(), open.end());
  for (auto const id : open) questions_[id].emit(asio::cancellation_type::terminal);
  world_.time.settle();
}

void callers::report(std::size_t index, bool rightly) {
  auto const seen = world_.service().serve(world_.key_of(index), {});
  auto generation = seen ? seen->generation : world_.known.at(index).last_generation;
  if (!rightly) generation -= std::min<core::generation_number>(generation, 1 + draws_.below(3));
  tell({index, generation, draws_.chance(0.3)});
}

void callers::make_reports() {
  while (!complaints_.empty()) {
    auto const next = complaints_.back();
    complaints_.pop_back();
    tell(next);
  }
}

void callers::tell(complaint const& what) {
  auto const key = world_.key_of(what.index);
  auto const before = world_.service().view(key);
  if (!before) return;
  core::peer_id const peer{1000 + static_cast<std::uint32_t>(draws_.below(4)), 0};
  auto const verdict = world_.service().reject(key, what.generation, peer);
  world_.check.rejected(what.index, what.generation, verdict, *before);
  world_.time.settle();
  bool const taken = verdict == core::rejection::replacing;
  if (!what.waits || !(taken || verdict == core::rejection::superseded)) return;
  core::token_needs const newer{{}, taken ? what.generation : 0};
  enter({what.index, newer, world_.time.now() + draws_.pick(std::array<duration, 3>{0s, 1s, 5s})});
}

}  // namespace wixtokend::sim
