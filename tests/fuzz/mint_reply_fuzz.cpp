// Any answer to a mint by any grant, or to Token Info: never a crash, never an unbounded or
// unprintable text, never a secret; a date means the same in its other forms.
// Input: the status in two bytes, then the values of Date and Retry-After, each up to a line feed,
// then the body.
#include "support/fuzzing.hpp"
#include "support/wix_samples.hpp"
#include "wix/refusal.hpp"
#include "wix/reply_time.hpp"
#include "wix/token_format.hpp"
#include "wix/token_info.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

using namespace wixtokend;
using test::require;

namespace {

constexpr std::string_view credential = "OAUTH2.a-made-up-credential";

std::string take_line(std::string_view& rest) {
  auto const end = std::min(rest.find('\n'), rest.size());
  std::string line{rest.substr(0, end)};
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

// What must not be shown.
enum class hidden { what_was_asked_with, and_app_secret };

bool is_shown_safely(std::string_view text, std::size_t size_max, hidden what) {
  bool const shows_app_secret = text.find(test::sample_secret) != std::string_view::npos;
  return text.size() <= size_max && text.find(credential) == std::string_view::npos &&
         (what == hidden::what_was_asked_with || !shows_app_secret) &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

void check(core::failure const& failed, hidden what) {
  require(is_shown_safely(failed.code, wix::code_size_max, what));
  require(is_shown_safely(failed.message, wix::message_size_max, what));
  require(is_shown_safely(failed.request_id, wix::request_id_size_max, what));
  require(!failed.retry_after.has_value() || *failed.retry_after <= std::chrono::hours{1});
}

void check(core::minted const& minted, core::grant how) {
  require(minted.token.size() <= wix::token_size_max);
  require(minted.refresh_token.size() <= wix::token_size_max);
  require(how != core::grant::client_credentials || minted.refresh_token.empty());
  require(how != core::grant::authorization_code || !minted.refresh_token.empty());
  auto const life = minted.expires_at - minted.sent;
  if (minted.token.empty()) {  // what a code has brought is kept, though it is good for nothing yet
    require(how == core::grant::authorization_code && life == duration{});
  } else {
    require(life > wix::life_useless && life <= wix::life_max);
  }
}

void check(wix::timed_reply const& reply, core::grant how) {
  service::mint_request asked;
  asked.instance = instance_id::parse(test::sample_instance).value();
  asked.how = how;
  asked.credential = secret{credential};
  auto const result = wix::classify_mint(reply, asked, secret{test::sample_secret});
  if (auto const* const minted = std::get_if<core::minted>(&result)) {
    require(reply.message.status == 200);
    check(*minted, how);
  } else {
    check(std::get<core::failure>(result), hidden::and_app_secret);
  }
}

// The token that was asked about is the secret here.
void check_token_info(wix::timed_reply const& reply) {
  auto const result = wix::classify_token_info(reply, secret{credential});
  if (auto const* const failed = std::get_if<core::failure>(&result)) {
    return check(*failed, hidden::what_was_asked_with);
  }
  auto const& info = std::get<service::token_info>(result);
  auto const check_text = [](std::string_view text) {
    require(is_shown_safely(text, wix::info_text_size_max, hidden::what_was_asked_with));
  };
  check_text(info.subject_type);
  check_text(info.subject_id);
  check_text(info.client_id);
  for (auto const& text : {info.account_id, info.site_id, info.instance, info.vendor_product_id}) {
    check_text(text.value_or(""));
  }
}

// All three forms of a date have one meaning.
void check_date(std::string_view text) {
  namespace chrono = std::chrono;
  auto const read = wix::parse_http_date(text);
  if (!read.has_value()) return;
  auto const day = chrono::floor<chrono::days>(*read);
  chrono::year_month_day const date{day};
  chrono::hh_mm_ss const time{*read - day};
  int const year = static_cast<int>(date.year());
  if (year > 9999) return;  // a leap second at the end of the year 9999
  constexpr std::array<char const*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto const* const month = months.at(static_cast<unsigned>(date.month()) - 1);
  auto const number = static_cast<unsigned>(date.day());
  std::array<char, 64> clock{};
  std::snprintf(clock.data(), clock.size(), "%02d:%02d:%02d",
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  std::array<char, 160> written{};
  std::snprintf(written.data(), written.size(), "Mon, %02u %s %04d %s GMT", number, month, year,
                clock.data());
  require(wix::parse_http_date(written.data()) == read);
  std::snprintf(written.data(), written.size(), "Mon %s %2u %s %04d", month, number, clock.data(),
                year);
  require(wix::parse_http_date(written.data()) == read);
  std::snprintf(written.data(), written.size(), "Monday, %02u-%s-%02d %s GMT", number, month,
                year % 100, clock.data());
  require((wix::parse_http_date(written.data()) == read) == (year >= 1970 && year < 2070));
}

void check_times(http::fields const& headers, wall_time received) {
  check_date(headers.find("Date").value_or(""));
  check_date(headers.find("Retry-After").value_or(""));
  auto const wait = wix::retry_after(headers, received);
  require(!wait.has_value() || (*wait > duration{} && *wait <= wix::retry_after_max));
  require(wix::clock_offset(headers, received).has_value() ==
          wix::upstream_clock(headers).has_value());
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size < 2) return 0;
  std::string_view rest{reinterpret_cast<char const*>(data) + 2, size - 2};
  auto reply = test::sample_reply(static_cast<unsigned>(data[0] * 256 + data[1]), {});
  reply.message.headers.add("Date", take_line(rest)).add("Retry-After", take_line(rest));
  reply.message.body = rest;

  for (auto const how : {core::grant::client_credentials, core::grant::refresh_token,
                         core::grant::authorization_code}) {
    check(reply, how);
  }
  check_token_info(reply);
  check_times(reply.message.headers, reply.received_wall);
  return 0;
}
