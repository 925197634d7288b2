#include "base/secret.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>
#include <sstream>
#include <string>
#include <utility>

using namespace wixtokend;

TEST_SUITE("base.secret") {
  TEST_CASE("a secret holds its bytes, NUL included") {
    std::string_view const bytes{"a\0b", 3};
    secret const value{bytes};
    CHECK(value.reveal() == bytes);
    CHECK(value.size() == 3);
    CHECK_FALSE(value.empty());
    CHECK(secret{}.empty());
    CHECK(secret{""}.empty());
    CHECK(secret{}.reveal().empty());
  }

  TEST_CASE("it prints as [redacted], whatever it holds") {
    std::ostringstream out;
    out << secret{"hunter2"} << secret{};
    CHECK(out.str() == "[redacted][redacted]");
  }

  TEST_CASE("moving hands the bytes over and leaves nothing") {
    secret first{"abc"};
    secret second{std::move(first)};
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): the state is promised
    CHECK(second.reveal() == "abc");
    secret third{"xyz"};
    third = std::move(second);
    CHECK(third.reveal() == "abc");
    CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
    auto& same = third;
    third = std::move(same);
    CHECK(third.reveal() == "abc");
  }

  TEST_CASE("a copy is independent") {
    secret first{"abc"};
    auto const second = first.copy();
    first = secret{};
    CHECK(second.reveal() == "abc");
  }

  TEST_CASE("taking a text leaves it wiped, beyond its end too") {
    std::string text(100, 'x');
    text.resize(40);
    auto const* const memory = text.data();
    auto const capacity = text.capacity();
    auto const taken = secret::take(std::move(text));
    CHECK(taken.reveal() == std::string(40, 'x'));
    CHECK(text.empty());  // NOLINT(bugprone-use-after-move)
    REQUIRE(text.data() == memory);
    text.resize(capacity);
    CHECK(text.find('x') == std::string::npos);
  }

  TEST_CASE("secrets compare by their bytes") {
    CHECK(secret{"abc"} == secret{"abc"});
    CHECK_FALSE(secret{"abc"} == secret{"abd"});
    CHECK_FALSE(secret{"abc"} == secret{"xbc"});
    CHECK_FALSE(secret{"abc"} == secret{"ab"});
    CHECK(secret{} == secret{""});
    std::string const text = "longer than a word or two";
    CHECK(secret{text} == secret{text});
    for (std::size_t i = 0; i < text.size(); ++i) {
      auto other = text;
      other[i] = '!';
      CHECK_FALSE(secret{text} == secret{other});
    }
  }

  // By the processor's time, at its shortest: whatever else runs makes none shorter. A loop that
  // ended where the bytes differ would be thousands of times faster for the first byte.
  TEST_CASE("comparing takes as long wherever secrets differ") {
    std::string const text(std::size_t{1} << 20U, 'x');
    auto first = text;
    first.front() = 'y';
    auto last = text;
    last.back() = 'y';
    secret const one{text};
    auto const shortest = [&](std::string const& other_text) {
      secret const other{other_text};
      auto best = std::numeric_limits<std::clock_t>::max();
      for (int i = 0; i < 30; ++i) {
        auto const begin = std::clock();
        bool const same = one == other;
        best = std::min(best, std::clock() - begin);
        REQUIRE_FALSE(same);
      }
      return std::max(best, std::clock_t{1});
    };
    auto const early = shortest(first);
    auto const late = shortest(last);
    CHECK_MESSAGE(late < 4 * early, early << " and " << late << " clock ticks");
  }

  TEST_CASE("wiping overwrites memory") {
    std::array<char, 4> bytes{'a', 'b', 'c', 'd'};
    wipe(bytes.data(), 3);
    CHECK(std::string_view{bytes.data(), 4} == std::string_view{"\0\0\0d", 4});
    wipe(nullptr, 0);
    std::string text = "short";
    wipe(text);
    CHECK(text.empty());
  }

#if defined(__x86_64__)
  TEST_CASE("wiping clears the vector registers, through which copies go") {
    if (__builtin_cpu_supports("avx") == 0) {
      MESSAGE("no AVX: the registers are left alone");
      return;
    }
    std::array<unsigned char, 16> seen{};
    seen.fill(0x41);
    char byte = 'a';
    asm volatile("movdqu %0, %%xmm7" : : "m"(seen) : "xmm7");
    wipe(&byte, 1);
    asm volatile("movdqu %%xmm7, %0" : "=m"(seen));
    CHECK(seen == std::array<unsigned char, 16>{});
  }
#endif
}
