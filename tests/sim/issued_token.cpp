#include "sim/issued_token.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

namespace wixtokend::sim {
namespace {

using words = std::array<std::uint64_t, 6>;
constexpr std::uint64_t mark = 0x6973737565642121ULL;

}  // namespace

using namespace std::chrono_literals;

duration issued_token::life() const noexcept {
  return std::min<duration>(expires_at - sent, 24h);
}

instant issued_token::usable_until() const noexcept {
  if (life() <= duration{0}) return expires_at;
  auto const least = assumed ? duration{30s} : duration{10s};
  auto const margin = std::clamp(life() / 100, least, duration{60s});
  return sent + life() - std::min(margin, life() / 4);
}

secret issued_token::to_secret() const {
  words const content{mark,
                      serial,
                      index,
                      static_cast<std::uint64_t>(sent.time_since_epoch().count()),
                      static_cast<std::uint64_t>(expires_at.time_since_epoch().count()),
                      assumed ? 1U : 0U};
  std::array<char, sizeof content> bytes{};
  std::memcpy(bytes.data(), content.data(), bytes.size());
  return secret{std::string_view{bytes.data(), bytes.size()}};
}

std::optional<issued_token> issued_token::from(secret const& bytes) noexcept {
  words content{};
  auto const text = bytes.reveal();
  if (text.size() != sizeof content) return std::nullopt;
  std::memcpy(content.data(), text.data(), text.size());
  if (content[0] != mark) return std::nullopt;
  auto const at = [](std::uint64_t count) {
    return instant{duration{static_cast<duration::rep>(count)}};
  };
  return issued_token{content[1], content[2], at(content[3]), at(content[4]), content[5] != 0};
}

}  // namespace wixtokend::sim
