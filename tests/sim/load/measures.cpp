#include "sim/load/measures.hpp"

#include <algorithm>
#include <numeric>

namespace wixtokend::sim::load {
namespace {

constexpr std::chrono::seconds bin{measures::bin_seconds};
constexpr std::size_t bins_per_minute = 60 / measures::bin_seconds;

struct range {
  std::size_t from;
  std::size_t to;
};

range bins_of(std::vector<std::uint32_t> const& bins, duration from, duration to) {
  auto const number = [&](duration at) {
    return std::min(bins.size(), static_cast<std::size_t>(std::max(at, duration{0}) / bin));
  };
  return {number(from), number(to)};
}

}  // namespace

measures::measures(std::size_t instances, instant from)
    : from_{from}, usable_until_(instances, instant::min()), lapsed_(instances), cold_{instances} {}

void measures::count(std::vector<std::uint32_t>& bins, instant from, instant now) {
  auto const number = static_cast<std::size_t>((now - from) / bin);
  if (number >= bins.size()) bins.resize(number + 1);
  ++bins[number];
}

void measures::sent(instant now) {
  count(requests_, from_, now);
}

void measures::lapse(instance_number instance, instant until) {
  ++lapses_;
  lapsed_[instance] = true;
  dead_seconds_ += std::chrono::duration<double>{until - usable_until_[instance]}.count();
}

void measures::restored(instance_number instance, instant sent) {
  usable_until_[instance] = sent + token_life - token_margin;
  --cold_;
}

void measures::minted(instance_number instance, instant sent, instant now) {
  count(mints_, from_, now);
  if (usable_until_[instance] == instant::min()) {
    --cold_;
    warm_at_ = now;
  } else if (usable_until_[instance] <= now) {
    lapse(instance, now);
  }
  usable_until_[instance] = sent + token_life - token_margin;
}

bool measures::usable(instance_number instance, instant now) const {
  return now < usable_until_[instance];
}

void measures::waits(ticket caller, instant now) {
  waiting_.emplace(caller, now);
}

void measures::ended(ended_wait const& one, instant now) {
  auto const since = waiting_.extract(one.caller);
  waits_.push_back({since.mapped(), now - since.mapped(), one.served});
}

void measures::refused(instant now) {
  waits_.push_back({now, duration{0}, false});
}

void measures::close(instant end) {
  for (instance_number i = 0; i < usable_until_.size(); ++i) {
    if (usable_until_[i] != instant::min() && usable_until_[i] <= end) lapse(i, end);
  }
}

std::size_t measures::lapsed_instances() const {
  return static_cast<std::size_t>(std::ranges::count(lapsed_, true));
}

double peak_of(std::vector<std::uint32_t> const& bins, duration from, duration to) {
  auto const [first, last] = bins_of(bins, from, to);
  std::uint64_t most = 0;
  std::uint64_t minute = 0;
  for (auto i = first; i < last; ++i) {
    minute += bins[i];
    if (i >= first + bins_per_minute) minute -= bins[i - bins_per_minute];
    most = std::max(most, minute);
  }
  return static_cast<double>(most) / 60;
}

double mean_of(std::vector<std::uint32_t> const& bins, duration from, duration to) {
  auto const [first, last] = bins_of(bins, from, to);
  if (first == last) return 0;
  auto const begin = bins.begin();
  auto const sum = std::accumulate(begin + static_cast<std::ptrdiff_t>(first),
                                   begin + static_cast<std::ptrdiff_t>(last), std::uint64_t{0});
  return static_cast<double>(sum) / static_cast<double>((last - first) * measures::bin_seconds);
}

}  // namespace wixtokend::sim::load
