#include "cli/time_text.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

namespace wixtokend::cli {
namespace {

constexpr std::int64_t minute = 60;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t year_9999_end = 253402300799;

struct unit {
  std::int64_t seconds;
  std::string_view long_name;
  std::string_view short_name;
};
constexpr unit units[] = {
    {day, " d", "d"}, {hour, " h", "h"}, {minute, " min", "m"}, {1, " s", "s"}};

// The two greatest units; seconds only below a minute.
template <class Name>
std::string two_units(std::int64_t seconds, std::string_view between, Name name) {
  auto const left = std::max<std::int64_t>(seconds, 0);
  for (auto const* one = std::begin(units); one != std::end(units); ++one) {
    if (left < one->seconds && one->seconds > 1) continue;
    auto text = std::to_string(left / one->seconds).append(name(*one));
    if (one->seconds < hour) return text;
    auto const rest = left % one->seconds / (one + 1)->seconds;
    if (rest == 0) return text;
    return text.append(between).append(std::to_string(rest)).append(name(*(one + 1)));
  }
  return {};
}

std::string digits(unsigned number, std::size_t width) {
  auto const text = std::to_string(number);
  return std::string(width > text.size() ? width - text.size() : 0, '0') + text;
}

}  // namespace

std::string length_text(std::int64_t seconds) {
  return two_units(seconds, " ", [](unit const& one) { return one.long_name; });
}

std::string short_length(std::int64_t seconds) {
  if (seconds >= 100 * day)
    return std::to_string(std::min<std::int64_t>(seconds / day, 99'999)) + "d";
  return two_units(seconds, "", [](unit const& one) { return one.short_name; });
}

std::string distance_text(std::optional<std::int64_t> when, std::int64_t now) {
  if (!when) return "-";
  if (*when > now) return "in " + length_text(*when - now);
  if (*when < now) return length_text(now - *when) + " ago";
  return "now";
}

std::string date_text(std::int64_t when) {
  using namespace std::chrono;
  sys_seconds const at{seconds{std::clamp<std::int64_t>(when, 0, year_9999_end)}};
  auto const midnight = floor<days>(at);
  year_month_day const date{midnight};
  hh_mm_ss const clock{at - midnight};
  return digits(static_cast<unsigned>(static_cast<int>(date.year())), 4) + "-" +
         digits(static_cast<unsigned>(date.month()), 2) + "-" +
         digits(static_cast<unsigned>(date.day()), 2) + "T" +
         digits(static_cast<unsigned>(clock.hours().count()), 2) + ":" +
         digits(static_cast<unsigned>(clock.minutes().count()), 2) + ":" +
         digits(static_cast<unsigned>(clock.seconds().count()), 2) + "Z";
}

}  // namespace wixtokend::cli
