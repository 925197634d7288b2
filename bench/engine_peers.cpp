#include "bench/engine_peers.hpp"

#include "base/time.hpp"
#include "core/random.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <map>
#include <stdexcept>
#include <string_view>
#include <unordered_map>

namespace wixtokend::bench {

using namespace std::chrono_literals;

void wrong(std::string const& what) {
  throw std::runtime_error{"wrong result: " + what};
}

namespace {

instance_key key_of(std::size_t number) {
  std::array<char, 40> text{};
  auto const mixed = core::random_source{number}.next();
  std::snprintf(text.data(), text.size(), "%08x-%04x-4%03x-8%03x-%012zx",
                static_cast<unsigned>(mixed >> 32U), static_cast<unsigned>(mixed >> 16U & 0xffffU),
                static_cast<unsigned>(mixed >> 4U & 0xfffU), static_cast<unsigned>(mixed & 0xfffU),
                number);
  return {app_number{0}, instance_id::parse(std::string_view{text.data(), 36}).value()};
}

}  // namespace

std::vector<instance_key> keys_of(std::size_t count) {
  std::vector<instance_key> keys;
  keys.reserve(count);
  for (std::size_t i = 0; i < count; ++i) keys.push_back(key_of(i));
  return keys;
}

std::vector<instance_key> questions(std::vector<instance_key> const& keys) {
  core::random_source random{7};
  std::vector<instance_key> asked;
  asked.reserve(1'000'000);
  for (std::size_t i = 0; i < 1'000'000; ++i) asked.push_back(keys[random.next() % keys.size()]);
  return asked;
}

secret new_token() {
  static std::uint64_t number = 0;
  static std::array<char, 1'200> bytes = [] {
    std::array<char, 1'200> made{};
    made.fill('x');
    return made;
  }();
  ++number;
  std::memcpy(bytes.data(), &number, sizeof number);
  return secret{std::string_view{bytes.data(), bytes.size()}};
}

double nanoseconds(std::size_t rounds, std::function<std::size_t()> const& round) {
  std::vector<double> times;
  for (std::size_t i = 0; i < rounds; ++i) {
    auto const begin = std::chrono::steady_clock::now();
    auto const events = round();
    std::chrono::duration<double, std::nano> const took = std::chrono::steady_clock::now() - begin;
    times.push_back(took.count() / static_cast<double>(events));
  }
  std::ranges::sort(times);
  return times[rounds / 2];
}

double floor_cost(std::vector<instance_key> const& keys, std::vector<instance_key> const& asked,
                  std::size_t rounds) {
  struct row {
    std::array<std::uint64_t, 16> words{};
  };
  static_assert(sizeof(row) == 128);
  std::vector<row> rows(keys.size());
  boost::unordered_flat_map<instance_key, std::uint32_t> index;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    rows[i].words = {i, 1};
    index.emplace(keys[i], static_cast<std::uint32_t>(i));
  }
  return nanoseconds(rounds, [&] {
    std::uint64_t sum = 0;
    for (auto const& key : asked) {
      auto const& words = rows[index.find(key)->second].words;
      sum += words[1] + words[15];  // both cache lines of the row
    }
    if (sum != asked.size()) wrong("the floor lost a row");
    return asked.size();
  });
}

double token_cost(std::size_t count, std::size_t rounds) {
  std::vector<secret> tokens;
  for (std::size_t i = 0; i < count; ++i) tokens.push_back(new_token());
  core::random_source random{9};
  return nanoseconds(rounds, [&] {
    for (std::size_t i = 0; i < 200'000; ++i) tokens[random.next() % count] = new_token();
    return std::size_t{200'000};
  });
}

namespace {

class multimap_peer {
 public:
  explicit multimap_peer(std::vector<instance_key> const& keys) {
    for (auto const& key : keys) {
      auto const due = instant{duration{static_cast<duration::rep>(random_.unit() * 10'800e9)}};
      rows_.emplace(key, row{new_token(), due_.emplace(due, key)});
    }
  }

  std::size_t refresh(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      auto const [now, key] = *due_.begin();
      auto& known = rows_.find(key)->second;
      due_.erase(known.place);
      known.token = new_token();
      duration const interval{static_cast<duration::rep>((10'080 + 1'440 * random_.unit()) * 1e9)};
      known.place = due_.emplace(now + interval, key);
    }
    return count;
  }

 private:
  using queue = std::multimap<instant, instance_key>;
  struct row {
    secret token;
    queue::iterator place;
  };
  std::unordered_map<instance_key, row> rows_;
  queue due_;
  core::random_source random_{5};
};

}  // namespace

double multimap_cost(std::vector<instance_key> const& keys, std::size_t events,
                     std::size_t rounds) {
  multimap_peer peer{keys};
  peer.refresh(keys.size());  // into the steady state
  return nanoseconds(rounds, [&] { return peer.refresh(events); });
}

}  // namespace wixtokend::bench
