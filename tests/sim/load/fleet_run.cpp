#include "sim/load/fleet_run.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <utility>

namespace wixtokend::sim::load {

using namespace std::chrono_literals;

namespace {

duration seconds_of(double count) {
  return duration{static_cast<duration::rep>(count * 1e9)};
}

}  // namespace

fleet_run::fleet_run(scenario const& what, refresher& subject, std::uint64_t seed)
    : what_{what}, subject_{subject}, random_{~seed}, seen_{what.instances, epoch} {}

// 90 ms with a lognormal spread; one in a hundred takes 0.5 to 3 s.
duration fleet_run::latency() {
  if (random_.unit() < 0.01) return seconds_of(0.5 + 2.5 * random_.unit());
  auto const normal = std::sqrt(-2 * std::log(1 - random_.unit())) *
                      std::cos(2 * std::numbers::pi * random_.unit());
  return seconds_of(0.090 * std::exp(0.35 * normal));
}

instant fleet_run::next_ask_after(instant when) {
  if (what_.asks_per_second <= 0) return never;
  return when + seconds_of(-std::log(1 - random_.unit()) / what_.asks_per_second);
}

void fleet_run::start() {
  for (instance_number i = 0; i < what_.instances; ++i) {
    if (what_.warm) {
      seen_.restored(i, subject_.add_warm(i, random_.unit(), now_));
    } else {
      subject_.add(i, now_);
    }
  }
  ask_at_ = next_ask_after(epoch + what_.asks_from);
}

void fleet_run::send(attempt const& which) {
  auto const at = now_ - epoch;
  bool const down = what_.outage_from <= at && at < what_.outage_to;
  seen_.sent(now_);
  if (back_ && !first_request_) first_request_ = at - what_.outage_to;
  answers_.push({now_ + latency(), which, now_, !down});
}

void fleet_run::ask() {
  auto const all = static_cast<double>(what_.instances);
  auto instance = static_cast<instance_number>(random_.unit() * all);
  if (random_.unit() < hot_share) instance -= instance % hot_one_in;
  seen_.asked();
  auto const caller = ++callers_;
  switch (subject_.ask(instance, caller, now_ + patience, now_)) {
    case found::usable:
      if (!seen_.usable(instance, now_)) throw std::runtime_error{"an ended token was handed out"};
      break;
    case found::refused: seen_.refused(now_); break;
    case found::waits:
      seen_.waits(caller, now_);
      ++waiting_;
      break;
  }
  ask_at_ = next_ask_after(now_);
}

// Attempts that go out, waits that have ended.
void fleet_run::settle() {
  while (auto const which = subject_.next(now_)) send(*which);
  for (auto const& one : subject_.take_ended()) {
    seen_.ended(one, now_);
    --waiting_;
  }
}

void fleet_run::pump() {
  auto at = std::min(subject_.wake_at(), ask_at_);
  if (!answers_.empty()) at = std::min(at, answers_.top().at);
  if (!back_ && what_.outage_to != duration{0}) at = std::min(at, epoch + what_.outage_to);
  now_ = std::max(now_, std::min(at, epoch + what_.length));

  if (!back_ && what_.outage_to != duration{0} && now_ >= epoch + what_.outage_to) {
    back_ = true;
    callers_waited_ = waiting_ != 0;
  }
  while (!answers_.empty() && answers_.top().at <= now_) {
    auto const one = answers_.top();
    answers_.pop();
    if (one.minted) {
      seen_.minted(one.which.instance, one.sent, now_);
      if (back_ && !first_mint_) first_mint_ = now_ - epoch - what_.outage_to;
    }
    subject_.finished(one.which, one.minted, one.sent, now_);
  }
  if (ask_at_ <= now_) ask();
  settle();
}

outcome fleet_run::play() {
  start();
  settle();
  auto before = now_;
  std::size_t standing = 0;
  while (now_ < epoch + what_.length) {
    pump();
    standing = now_ == before ? standing + 1 : 0;
    before = now_;
    if (standing > 10'000'000) throw std::runtime_error{"wakes at once for ever"};
  }
  seen_.close(now_);
  return {std::move(seen_), first_request_, first_mint_, callers_waited_};
}

}  // namespace wixtokend::sim::load
