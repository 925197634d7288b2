#include "emulator/dates.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>

namespace wixtokend::emulator {
namespace {

using namespace std::chrono;

struct civil_time {
  year_month_day date{};
  unsigned weekday = 0;  // 0 is Sunday
  hh_mm_ss<milliseconds> clock{};
};

civil_time civil(wall_time when) {
  auto const day = floor<days>(when);
  return {year_month_day{day}, weekday{day}.c_encoding(), hh_mm_ss{when - day}};
}

void append_digits(std::string& out, std::int64_t value, std::size_t width) {
  auto const end = out.size() + width;
  out.resize(end, '0');
  for (std::size_t i = 0; i < width; ++i) {
    out[end - 1 - i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

void append_clock(std::string& out, hh_mm_ss<milliseconds> const& clock) {
  append_digits(out, clock.hours().count(), 2);
  out.push_back(':');
  append_digits(out, clock.minutes().count(), 2);
  out.push_back(':');
  append_digits(out, clock.seconds().count(), 2);
}

}  // namespace

std::string iso8601(wall_time when) {
  auto const at = civil(when);
  std::string out;
  out.reserve(24);
  append_digits(out, static_cast<int>(at.date.year()), 4);
  out.push_back('-');
  append_digits(out, static_cast<unsigned>(at.date.month()), 2);
  out.push_back('-');
  append_digits(out, static_cast<unsigned>(at.date.day()), 2);
  out.push_back('T');
  append_clock(out, at.clock);
  out.push_back('.');
  append_digits(out, at.clock.subseconds().count(), 3);
  out.push_back('Z');
  return out;
}

std::string http_date(wall_time when) {
  constexpr std::string_view weekdays = "SunMonTueWedThuFriSat";
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  auto const at = civil(when);
  std::string out;
  out.reserve(29);
  out.append(weekdays.substr(std::size_t{at.weekday} * 3, 3)).append(", ");
  append_digits(out, static_cast<unsigned>(at.date.day()), 2);
  out.push_back(' ');
  out.append(months.substr((std::size_t{static_cast<unsigned>(at.date.month())} - 1) * 3, 3));
  out.push_back(' ');
  append_digits(out, static_cast<int>(at.date.year()), 4);
  out.push_back(' ');
  append_clock(out, at.clock);
  return out.append(" GMT");
}

}  // namespace wixtokend::emulator
