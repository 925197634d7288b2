#include "sim/model.hpp"

#include "sim/draws.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

namespace wixtokend::sim {
namespace {

double burst_of(double rate) {
  return std::max(1.0, std::floor(rate));
}

void append_hex(std::string& text, std::uint64_t value, int digits) {
  constexpr std::string_view hex = "0123456789abcdef";
  for (int digit = digits - 1; digit >= 0; --digit) {
    text += hex[(value >> (4U * static_cast<unsigned>(digit))) & 0xfU];
  }
}

// The number first, then bytes that are spread like those of real ids.
instance_id id_of(std::uint64_t seed, std::size_t index) {
  auto const spread = mixed(seed, index, 2);
  std::string text;
  append_hex(text, index, 8);
  text += '-';
  append_hex(text, spread >> 48U, 4);
  text += "-4";
  append_hex(text, spread >> 36U, 3);
  text += "-8";
  append_hex(text, spread >> 24U, 3);
  text += '-';
  append_hex(text, mixed(spread, 3), 12);
  return instance_id::parse(text).value();
}

}  // namespace

void instance_model::forget() noexcept {
  forgive();
  held = {};
  generation = 0;
  caller_row = 0;
  wanted_once = false;
  rejected = 0;
  rejected_at = long_ago;
  in_vain = false;
  discard = mints_under_way != 0;
}

void instance_model::forgive() noexcept {
  failures = 0;
  blocked = 0;
  blocked_most = 0;
  caller_row = 0;
  pace_until = long_ago;
  caller_until = long_ago;
  failed_at = long_ago;
  in_vain = false;
}

app_model::app_model(app_plan const& from)
    : plan{&from},
      policy{from.policy},
      requests{policy.requests_per_second_max, burst_of(policy.requests_per_second_max)},
      rejections{policy.requests_per_second_max / 4, burst_of(policy.requests_per_second_max / 4)} {
}

void app_model::configure(core::app_policy const& next, instant now) {
  policy = next;
  auto const rate_max = next.requests_per_second_max;
  requests.configure(rate_max, burst_of(rate_max), now);
  rejections.configure(rate_max / 4, burst_of(rate_max / 4), now);
}

double app_model::rate() const noexcept {
  return std::min(policy.requests_per_second_max,
                  policy.requests_per_second.value_or(policy.requests_per_second_max));
}

model::model(scenario const& plan) : seed_{plan.seed} {
  for (auto const& app : plan.apps) apps_.emplace_back(app);
  for (std::size_t app = 0; app < plan.apps.size(); ++app) {
    auto const number = app_number{static_cast<std::uint16_t>(app)};
    for (std::size_t i = 0; i < plan.apps[app].instances; ++i) {
      bool const gone =
          core::random_source{mixed(seed_, size(), 4)}.unit() < plan.apps[app].gone_share;
      add(number, gone);
    }
  }
}

std::size_t model::index_of(instance_id const& id) noexcept {
  std::size_t index = 0;
  for (std::size_t byte = 0; byte < 4; ++byte) index = index << 8U | id.bytes()[byte];
  return index;
}

std::size_t model::add(app_number app, bool gone) {
  auto const index = instances_.size();
  auto& added = instances_.emplace_back();
  added.key = {app, id_of(seed_, index)};
  added.gone = gone;
  return index;
}

}  // namespace wixtokend::sim
