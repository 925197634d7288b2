#include "emulator/counters.hpp"

#include <algorithm>

namespace wixtokend::emulator {

counters::counters(instant now) : since_{now} {}

void counters::started(route where, instant at) {
  auto& one = routes_.at(static_cast<std::size_t>(where));
  ++one.requests;
  ++one.in_flight;
  one.in_flight_max = std::max(one.in_flight_max, one.in_flight);

  if (ring_.size() < arrivals_max) {
    ring_.push_back({at, where});
  } else {
    ring_[arrivals_ % arrivals_max] = {at, where};
  }
  ++arrivals_;
}

void counters::ended(route where, unsigned status) {
  auto& one = routes_.at(static_cast<std::size_t>(where));
  --one.in_flight;
  if (status == 0) {
    ++one.unanswered;
  } else {
    ++one.by_status[status];
  }
}

void counters::connection_opened() {
  ++connections_.accepted;
  ++connections_.open;
  connections_.open_max = std::max(connections_.open_max, connections_.open);
}

void counters::connection_closed() {
  --connections_.open;
}

void counters::malformed_request() {
  ++connections_.malformed;
}

void counters::reset(instant now) {
  for (auto& one : routes_) {
    totals fresh;
    fresh.in_flight = fresh.in_flight_max = one.in_flight;
    one = fresh;
  }
  connection_totals fresh;
  fresh.open = fresh.open_max = connections_.open;
  connections_ = fresh;
  ring_.clear();
  arrivals_ = 0;
  since_ = now;
}

counters::totals const& counters::of(route where) const {
  return routes_.at(static_cast<std::size_t>(where));
}

std::vector<counters::arrival> counters::arrivals() const {
  auto ordered = ring_;
  if (arrivals_ > arrivals_max) {
    auto const oldest = static_cast<std::ptrdiff_t>(arrivals_ % arrivals_max);
    std::rotate(ordered.begin(), ordered.begin() + oldest, ordered.end());
  }
  return ordered;
}

std::uint64_t counters::arrivals_dropped() const noexcept {
  return arrivals_ - ring_.size();
}

std::size_t most_within(std::vector<instant> const& arrivals, duration window) {
  std::size_t most = 0;
  std::size_t first = 0;
  for (std::size_t last = 0; last < arrivals.size(); ++last) {
    while (arrivals[last] - arrivals[first] >= window) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

}  // namespace wixtokend::emulator
