#include "wix/redaction.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <string_view>

using namespace wixtokend;

namespace {

constexpr std::string_view secret_text = "5e0b2f8c-71aa-4e1f-b06d-3c9f64d1a7e2";

std::string shown(std::string_view text, std::size_t size_max = 300) {
  std::array<std::string_view, 3> const hidden{secret_text, "", "tiny"};
  return wix::presentable(text, size_max, hidden);
}

// True if a run of the secret long enough to be masked is in `text`.
bool leaks(std::string_view text) {
  for (std::size_t at = 0; at + wix::masked_run_min <= secret_text.size(); ++at) {
    if (text.find(secret_text.substr(at, wix::masked_run_min)) != text.npos) return true;
  }
  return false;
}

}  // namespace

TEST_SUITE("wix.redaction") {
  TEST_CASE("harmless text stays as it is") {
    CHECK(shown("app not found in any meta-site") == "app not found in any meta-site");
    CHECK(shown("") == "");
    CHECK(wix::presentable("nothing is hidden", 300, {}) == "nothing is hidden");
  }

  TEST_CASE("a secret is masked wherever it stands, and as often") {
    auto const text = std::string{secret_text};
    CHECK(shown(text) == "[redacted]");
    CHECK(shown("bad secret '" + text + "'!") == "bad secret '[redacted]'!");
    CHECK(shown(text + " and " + text) == "[redacted] and [redacted]");
    CHECK(shown("a tiny one") == "a [redacted] one");
  }

  TEST_CASE("a secret is masked in the other case, and inside of echoed JSON") {
    CHECK(shown("5E0B2F8C-71AA-4E1F-B06D-3C9F64D1A7E2") == "[redacted]");
    CHECK(shown(R"(body {"client_secret":")" + std::string{secret_text} + R"("} refused)") ==
          R"(body {"client_secret":"[redacted]"} refused)");
  }

  TEST_CASE("pieces of a secret are masked") {
    CHECK(shown("secret 5e0b2f8c... is wrong") == "secret [redacted]... is wrong");
    CHECK(shown("ends with 3c9f64d1a7e2") == "ends with [redacted]");
    CHECK(shown("5e0b2f8") == "5e0b2f8");  // too short to be told from a coincidence
  }

  TEST_CASE("a cut never leaves a piece of a secret behind") {
    for (std::size_t before = 0; before < 60; ++before) {
      auto const text = std::string(before, '.') + std::string{secret_text} + " tail";
      for (std::size_t size_max = 0; size_max < 60; ++size_max) {
        auto const result = shown(text, size_max);
        CHECK(result.size() <= size_max);
        CHECK_FALSE(leaks(result));
        // Nor a shorter piece that the cut made.
        if (size_max > before) CHECK(result.find("5e0b") == result.npos);
      }
    }
  }

  TEST_CASE("the result is printable ASCII") {
    CHECK(shown("a\r\nb\tc\x7f") == "a  b c ");
    CHECK(shown(std::string_view{"a\0b", 3}) == "a b");
    CHECK(shown("caf\xc3\xa9 \xe2\x82\xac") == "caf? ?");
    CHECK(shown("\x1b[31mred") == " [31mred");
    CHECK(shown("\xff\xc3") == "??");
  }

  TEST_CASE("long text is cut") {
    CHECK(shown(std::string(1000, 'x')).size() == 300);
    CHECK(shown("abc", 2) == "ab");
    CHECK(shown("abc", 0) == "");
  }
}
