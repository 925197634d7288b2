#include "sim/runner.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>

namespace wixtokend::sim {
namespace {

constexpr int recovery_looks = 64;

}  // namespace

runner::runner(run_arguments const& arguments)
    : world_{arguments.seed, arguments.instances, arguments.days}, draws_{arguments.seed, 300} {
  world_.book.log = arguments.log;
  auto const& pace = world_.plan.pace;
  plan_next(action::request, pace.request);
  plan_next(action::burst, pace.burst);
  plan_next(action::administrator, pace.administrator);
  plan_next(action::mass_rejection, pace.mass_rejection);
  plan_next(action::suspend, pace.suspend);
  plan_next(action::wall_step, pace.wall_step);
  plan_next(action::restart, pace.restart);
  plan_next(action::configuration, pace.configuration);
  plan_next(action::token_info, pace.token_info);
}

void runner::schedule(instant at, action what, std::uint64_t who) {
  events_.push({at, ++sequence_, what, who});
}

// Nothing is done to the daemon or to its clock once the faults are over.
void runner::plan_next(action what, duration mean) {
  if (mean == duration{0}) return;
  auto const at = world_.time.now() + draws_.gap(mean);
  if (at < world_.plan.faults_end) schedule(at, what, static_cast<std::uint64_t>(mean.count()));
}

// @returns false if nothing is left to do before `limit`.
bool runner::step(instant limit) {
  auto& time = world_.time;
  auto const wait = time.next_wait();
  auto const script = events_.empty() ? never : events_.top().at;
  if (std::min(wait, script) > limit) {
    if (time.now() < limit) time.advance(limit - time.now());
    return false;
  }
  ++world_.book.steps;
  if (wait <= script) {
    time.step();
  } else {
    auto const next = events_.top();
    events_.pop();
    if (next.at > time.now()) time.advance(next.at - time.now());
    act(next);
  }
  callers_.make_reports();
  world_.check.after_step(time.next_wait());
  return true;
}

void runner::pass_until(instant limit) {
  while (!world_.book.broken && step(limit)) continue;
}

void runner::act(event const& now) {
  auto& world = world_;
  switch (now.what) {
    case action::request: request(pick()); break;
    case action::burst: burst(); break;
    case action::administrator: administrate(); break;
    case action::mass_rejection: reject_many(); break;
    case action::suspend:
      world.time.jump(draws_.log_between(1s, 12h));
      world.check.suspended();
      break;
    case action::wall_step:
      world.time.step_wall(
          std::chrono::milliseconds{static_cast<std::int64_t>(draws_.between(-8.64e7, 8.64e7))});
      break;
    case action::restart:
      callers_.hang_up();
      world.restart(draws_.chance(world.plan.restore_share));
      break;
    case action::configuration: reconfigure(); break;
    case action::token_info: callers_.question(pick()); break;
    case action::leave: callers_.leave(now.who); return;
  }
  plan_next(now.what, duration{static_cast<duration::rep>(now.who)});
}

// Half of all requests go to few instances, the others to any; some are for ids that were never
// heard of.
std::size_t runner::pick() {
  auto& known = world_.known;
  if (draws_.chance(0.02)) {
    auto const app = draws_.below(world_.plan.apps.size());
    auto const& plan = world_.plan.apps[app];
    if (strangers_ < plan.strangers) {
      ++strangers_;
      return known.add(app_number{static_cast<std::uint16_t>(app)}, draws_.chance(0.3));
    }
  }
  auto const size = static_cast<double>(known.size());
  if (draws_.chance(0.5)) return draws_.below(known.size());
  return static_cast<std::size_t>(std::pow(size, draws_.unit())) - 1;
}

void runner::request(std::size_t index) {
  auto const gone = callers_.ask(index);
  if (gone) schedule(gone->at, action::leave, gone->who);
}

void runner::burst() {
  auto const many = 2 + draws_.below(60);
  bool const one = draws_.chance(0.5);
  auto const which = pick();
  for (std::size_t i = 0; i < many; ++i) request(one ? which : pick());
}

void runner::administrate() {
  auto const index = pick();
  auto const& key = world_.key_of(index);
  auto& check = world_.check;
  auto& service = world_.service();
  switch (draws_.below(6)) {
    case 0:
      if (world_.remove(key)) check.removed(index);
      break;
    case 1:
      if (world_.drop_token(key)) check.dropped(index);
      break;
    case 2:
    case 3:
      if (service.retry(key)) check.retried(index);
      break;
    default:
      if (auto const added = world_.add(key)) check.registered(index, *added);
      break;
  }
  world_.time.settle();
}

// Many callers get it into their heads that their tokens are refused, some of them wrongly.
void runner::reject_many() {
  auto const many = std::min<std::size_t>(world_.known.size(), 5 + draws_.below(200));
  auto const rightly = draws_.unit();
  for (std::size_t i = 0; i < many; ++i) callers_.report(pick(), draws_.chance(rightly));
}

void runner::reconfigure() {
  using enum core::keep_warm;
  using enum core::resilience;
  auto const app = draws_.below(world_.plan.apps.size());
  auto const& planned = world_.plan.apps[app].policy;
  auto next = world_.known.apps()[app].policy;
  switch (draws_.below(6)) {
    case 0:
      next.requests_per_second_max = planned.requests_per_second_max * draws_.log_between(0.5, 4);
      break;
    case 1: next.warm = draws_.pick(std::array{all, all, used, none}); break;
    case 2: next.resilience = draws_.pick(std::array{economy, balanced, max}); break;
    case 3: next.in_flight_max = planned.in_flight_max + draws_.below(16); break;
    case 4: next.on_demand = !next.on_demand; break;
    default: next = planned; break;
  }
  world_.configure(app, next);
}

// Faults have stopped: everything that is kept warm must be usable within the bound.
void runner::recover() {
  auto& check = world_.check;
  auto const begins = world_.time.now();
  auto const bound = check.recovery_bound();
  for (int look = 1; look <= recovery_looks && !world_.book.broken; ++look) {
    pass_until(begins + bound * look / recovery_looks);
    if (check.recovered()) return;
  }
  if (!world_.book.broken) check.must_be_recovered();
}

run_result runner::go() {
  auto& book = world_.book;
  try {
    world_.start();
    pass_until(world_.plan.faults_end);
    if (!book.broken) recover();
    if (!book.broken) pass_until(world_.time.now() + 2min);  // callers wait for a minute at most
    if (!book.broken) world_.check.must_be_tidy();
  } catch (std::exception const& failure) {
    book.report("comes_to_rest", failure.what());
    world_.halt();
  }
  return {book.steps, book.mints, book.answers, book.trace, world_.time.now() - book.begins,
          book.broken};
}

run_result run(run_arguments const& arguments) {
  return runner{arguments}.go();
}

std::string explain(run_arguments const& arguments, violation const& broken,
                    std::string const& mutation) {
  auto days = std::to_string(arguments.days);
  auto const hours = std::chrono::duration_cast<std::chrono::hours>(broken.since_start).count();
  auto const rest = broken.since_start - std::chrono::hours{hours};
  std::string text = "broken: " + broken.invariant + "\n  " + broken.facts + "\n  seed " +
                     std::to_string(arguments.seed) + ", step " + std::to_string(broken.step) +
                     ", virtual time " + std::to_string(hours) + " h " + seconds_text(rest) +
                     "\n  replay: ./dev sim --seed " + std::to_string(arguments.seed) +
                     " --instances " + std::to_string(arguments.instances) + " --days " + days;
  if (!mutation.empty()) text += " --mutation " + mutation;
  return text + "\n";
}

}  // namespace wixtokend::sim
