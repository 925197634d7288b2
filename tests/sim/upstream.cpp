#include "sim/upstream.hpp"

#include <array>
#include <string>
#include <utility>

namespace wixtokend::sim {
namespace {

constexpr duration timeout = 10s;

core::failure failure_of(core::failure_class kind, unsigned status, char const* code) {
  core::failure failure;
  failure.kind = kind;
  failure.status = status;
  failure.code = code;
  return failure;
}

core::failure throttling(duration retry_after) {
  auto failure = failure_of(core::failure_class::throttled, 429, "too_many_requests");
  if (retry_after != duration{0}) failure.retry_after = retry_after;
  return failure;
}

core::failure unreachable(char const* code) {
  return failure_of(core::failure_class::transient, 0, code);
}

core::failure unknown_instance() {
  return failure_of(core::failure_class::instance_blocked, 400, "invalid_grant");
}

}  // namespace

// The request is under way for as long as this lives, also when it is abandoned.
class upstream::presence {
 public:
  presence(checker& check, std::size_t index, request_kind kind)
      : check_{check}, index_{index}, kind_{kind} {
    check_.began(index_, kind_);
  }
  presence(presence const&) = delete;
  presence& operator=(presence const&) = delete;
  ~presence() { check_.over(index_, kind_); }

 private:
  checker& check_;
  std::size_t index_;
  request_kind kind_;
};

upstream::upstream(time_source& time, scenario const& plan, std::size_t app, model& known,
                   checker& check)
    : time_{time},
      plan_{plan},
      app_{plan.apps[app]},
      known_{known},
      check_{check},
      draws_{plan.seed, 100 + app} {}

task<std::variant<core::minted, core::failure>> upstream::mint(service::mint_request request) {
  auto const index = model::index_of(request.instance);
  presence const here{check_, index, request_kind::mint};
  auto const what = decide(index, true);
  co_await time_.sleep_until(time_.now() + what.latency);

  if (what.failed) {
    check_.failed(index, request_kind::mint, *what.failed);
    co_return *what.failed;
  }
  check_.minted(index, what.token);
  core::minted issued;
  issued.token = what.token.to_secret();
  issued.sent = what.token.sent;
  issued.expires_at = what.token.expires_at;
  issued.life_assumed = what.token.assumed;
  co_return issued;
}

task<std::variant<service::token_info, core::failure>> upstream::info(secret token) {
  auto const content = issued_token::from(token);
  auto const index = content ? static_cast<std::size_t>(content->index) : 0;
  presence const here{check_, index, request_kind::question};
  auto const what = decide(index, false);
  co_await time_.sleep_until(time_.now() + what.latency);

  if (what.failed) {
    check_.failed(index, request_kind::question, *what.failed);
    co_return *what.failed;
  }
  service::token_info known;
  known.active = true;
  co_return known;
}

upstream::reply upstream::decide(std::size_t index, bool mint) {
  auto const& now = app_.at(time_.now());
  reply decided;
  decided.latency = app_.latency * (draws_.chance(0.01) ? 10 : 1);
  apply_weather(now, decided);
  if (decided.failed || !mint) return decided;
  if (known_.at(index).gone) {
    decided.failed = unknown_instance();
    return decided;
  }
  apply_trouble(index, now, decided);
  if (decided.failed || decided.token.serial != 0) return decided;
  decided.token = issue(index, draw_life());
  return decided;
}

// What concerns all instances of the app.
void upstream::apply_weather(phase const& now, reply& into) {
  bool const hit = draws_.chance(now.share);
  switch (now.what) {
    case weather::fair: break;
    case weather::slow: into.latency = draws_.log_between(300ms, 5s); break;
    case weather::drip: into.latency = draws_.between(8s, 9990ms); break;
    case weather::dead: into.failed = unreachable("connection_refused"); break;
    case weather::hanging:
      into.latency = timeout;
      into.failed = unreachable("timeout");
      break;
    case weather::brown_out:
      if (hit) into.failed = failure_of(core::failure_class::transient, 502, "");
      if (hit && draws_.chance(0.2)) into.latency = timeout;
      break;
    case weather::throttled:
      if (hit) into.failed = throttling(now.retry_after);
      break;
    case weather::refusing:
      into.failed = failure_of(core::failure_class::app_refused, 401, "invalid_client");
      break;
    case weather::absurd: break;
  }
}

// What concerns one instance, as long as this weather lasts.
void upstream::apply_trouble(std::size_t index, phase const& now, reply& into) {
  auto const absurd = now.what == weather::absurd && draws_.chance(now.share);
  if (absurd) {
    constexpr std::array<duration, 6> lives{0s, 1s, -5min, 24h * 365 * 20, 3s, 30s};
    into.token = issue(index, draws_.pick(lives));
    return;
  }
  if (time_.now() >= plan_.faults_end) return;
  auto const number = static_cast<std::uint64_t>(&now - app_.phases.data());
  core::random_source luck{mixed(plan_.seed, index, 1000 + number)};
  if (luck.unit() >= app_.sick_share) return;
  auto const& last = known_.at(index).issued;
  switch (luck.next() % 8) {
    case 0: into.failed = failure_of(core::failure_class::transient, 500, "oops"); break;
    case 1: into.failed = unknown_instance(); break;
    case 2:
      into.failed = throttling(duration{static_cast<duration::rep>(luck.unit() * 6e11)});
      break;
    case 3:
    case 4:
      if (last.serial != 0) into.token = last;  // the same bytes again
      break;
    case 5: into.token = issue(index, app_.life.from / 3); break;
    case 6: into.token = issue(index, 0s); break;
    default:
      if (draws_.chance(0.5)) into.failed = unreachable("reset");
      break;
  }
}

issued_token upstream::issue(std::size_t index, duration life) {
  auto& of = known_.at(index);
  of.issued = {known_.next_serial(), index, time_.now(), time_.now() + life, app_.life.assumed};
  return of.issued;
}

duration upstream::draw_life() {
  if (app_.life.from == app_.life.to) return app_.life.from;
  return draws_.log_between(app_.life.from, app_.life.to);
}

}  // namespace wixtokend::sim
