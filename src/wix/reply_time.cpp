#include "wix/reply_time.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace wixtokend::wix {
namespace {

using std::chrono::sys_seconds;

constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> long_weekdays{
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

// Takes a text apart from the front; after a mismatch everything fails.
class reader {
 public:
  explicit reader(std::string_view text) noexcept : rest_{text} {}

  void literal(std::string_view expected) noexcept {
    good_ = good_ && rest_.starts_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
  }
  // Exactly `digits` digits.
  int number(std::size_t digits) noexcept {
    auto const value = parse_decimal(rest_.substr(0, digits));
    good_ = good_ && rest_.size() >= digits && value.has_value();
    if (!good_) return 0;
    rest_.remove_prefix(digits);
    return static_cast<int>(*value);
  }
  // The day of asctime: two characters, the first may be a blank.
  int padded_day() noexcept {
    if (!rest_.starts_with(' ')) return number(2);
    rest_.remove_prefix(1);
    return number(1);
  }
  // The position of the word that comes next, from 0.
  template <std::size_t Count>
  unsigned one_of(std::array<std::string_view, Count> const& words) noexcept {
    auto const* const found = std::find_if(
        words.begin(), words.end(), [&](std::string_view word) { return rest_.starts_with(word); });
    good_ = good_ && found != words.end();
    if (!good_) return 0;
    rest_.remove_prefix(found->size());
    return static_cast<unsigned>(found - words.begin());
  }
  [[nodiscard]] bool finished() const noexcept { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

struct calendar {
  int year = 0;
  unsigned month = 0;  // from 0
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

void read_time(reader& from, calendar& into) noexcept {
  into.hour = from.number(2);
  from.literal(":");
  into.minute = from.number(2);
  from.literal(":");
  into.second = from.number(2);
}

std::optional<sys_seconds> instant_of(calendar const& read) noexcept {
  namespace chrono = std::chrono;
  chrono::year_month_day const date{chrono::year{read.year}, chrono::month{read.month + 1},
                                    chrono::day{static_cast<unsigned>(read.day)}};
  bool const in_range = read.hour < 24 && read.minute < 60 && read.second <= 60;  // leap second
  if (!date.ok() || !in_range) return std::nullopt;
  return chrono::sys_days{date} + chrono::hours{read.hour} + chrono::minutes{read.minute} +
         chrono::seconds{read.second};
}

// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<sys_seconds> parse_imf_fixdate(std::string_view text) noexcept {
  reader from{text};
  calendar read;
  from.one_of(weekdays);
  from.literal(", ");
  read.day = from.number(2);
  from.literal(" ");
  read.month = from.one_of(months);
  from.literal(" ");
  read.year = from.number(4);
  from.literal(" ");
  read_time(from, read);
  from.literal(" GMT");
  return from.finished() ? instant_of(read) : std::nullopt;
}

// Sunday, 06-Nov-94 08:49:37 GMT
std::optional<sys_seconds> parse_rfc850_date(std::string_view text) noexcept {
  reader from{text};
  calendar read;
  from.one_of(long_weekdays);
  from.literal(", ");
  read.day = from.number(2);
  from.literal("-");
  read.month = from.one_of(months);
  from.literal("-");
  int const year_of_century = from.number(2);
  read.year = (year_of_century < 70 ? 2000 : 1900) + year_of_century;
  from.literal(" ");
  read_time(from, read);
  from.literal(" GMT");
  return from.finished() ? instant_of(read) : std::nullopt;
}

// Sun Nov  6 08:49:37 1994
std::optional<sys_seconds> parse_asctime_date(std::string_view text) noexcept {
  reader from{text};
  calendar read;
  from.one_of(weekdays);
  from.literal(" ");
  read.month = from.one_of(months);
  from.literal(" ");
  read.day = from.padded_day();
  from.literal(" ");
  read_time(from, read);
  from.literal(" ");
  read.year = from.number(4);
  return from.finished() ? instant_of(read) : std::nullopt;
}

bool is_all_digits(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text) noexcept {
  if (auto const read = parse_imf_fixdate(text)) return read;
  if (auto const read = parse_rfc850_date(text)) return read;
  return parse_asctime_date(text);
}

std::optional<sys_seconds> upstream_clock(http::fields const& headers) noexcept {
  auto const date = headers.find("Date");
  if (!date.has_value()) return std::nullopt;
  auto const written = parse_http_date(*date);
  if (!written.has_value()) return std::nullopt;

  constexpr std::uint64_t age_max = 2'147'483'648;  // RFC 9111 section 1.2.2
  auto const age = parse_decimal(headers.find("Age").value_or("0"), age_max);
  return *written + std::chrono::seconds{age.has_value() ? static_cast<std::int64_t>(*age) : 0};
}

std::optional<duration> retry_after(http::fields const& headers, wall_time received) noexcept {
  auto const value = headers.find("Retry-After");
  if (!value.has_value()) return std::nullopt;

  auto wait = retry_after_max;
  if (is_all_digits(*value)) {
    auto const seconds = parse_decimal(*value, static_cast<std::uint64_t>(retry_after_max.count()));
    if (seconds.has_value()) wait = std::chrono::seconds{static_cast<std::int64_t>(*seconds)};
  } else {
    auto const until = parse_http_date(*value);
    if (!until.has_value()) return std::nullopt;
    auto const now =
        upstream_clock(headers).value_or(std::chrono::floor<std::chrono::seconds>(received));
    wait = std::min(wait, *until - now);
  }
  if (wait <= std::chrono::seconds::zero()) return std::nullopt;
  return wait;
}

std::optional<std::chrono::seconds> clock_offset(http::fields const& headers,
                                                 wall_time received) noexcept {
  auto const upstream = upstream_clock(headers);
  if (!upstream.has_value()) return std::nullopt;
  return std::chrono::floor<std::chrono::seconds>(received) - *upstream;
}

}  // namespace wixtokend::wix
