// Any answer to a mint by any grant: never a crash, never an unbounded or unprintable text, never a
// secret.
// Input: the status in two bytes, then the values of Date and Retry-After, each up to a line feed,
// then the body.
#include "support/wix_samples.hpp"
#include "wix/refusal.hpp"
#include "wix/token_format.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace wixtokend;

namespace {

constexpr std::string_view credential = "OAUTH2.a-made-up-credential";

std::string take_line(std::string_view& rest) {
  auto const end = std::min(rest.find('\n'), rest.size());
  std::string line{rest.substr(0, end)};
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

void require(bool holds) {
  if (!holds) std::abort();
}

bool is_shown_safely(std::string const& text, std::size_t size_max) {
  return text.size() <= size_max && text.find(test::sample_secret) == text.npos &&
         text.find(credential) == text.npos &&
         std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

void check(wix::timed_reply const& reply, core::grant how) {
  service::mint_request asked;
  asked.instance = instance_id::parse(test::sample_instance).value();
  asked.how = how;
  asked.credential = secret{credential};
  auto const result = wix::classify_mint(reply, asked, secret{test::sample_secret});
  if (auto const* const minted = std::get_if<core::minted>(&result)) {
    auto const life = minted->expires_at - minted->sent;
    require(reply.message.status == 200 && life > wix::life_useless && life <= wix::life_max);
    require(!minted->token.empty() && minted->token.size() <= wix::token_size_max);
    require(minted->refresh_token.size() <= wix::token_size_max);
    require(how != core::grant::client_credentials || minted->refresh_token.empty());
    require(how != core::grant::authorization_code || !minted->refresh_token.empty());
  } else {
    auto const& failed = std::get<core::failure>(result);
    require(is_shown_safely(failed.code, wix::code_size_max));
    require(is_shown_safely(failed.message, wix::message_size_max));
    require(is_shown_safely(failed.request_id, wix::request_id_size_max));
    require(!failed.retry_after.has_value() || *failed.retry_after <= std::chrono::hours{1});
  }
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
  return 0;
}
