#include "base/base64url.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;

TEST_SUITE("base.base64url") {
  TEST_CASE("the examples of RFC 4648 section 10 hold, without padding") {
    for (auto const& [plain, encoded] : {std::pair{"", ""},
                                         {"f", "Zg"},
                                         {"fo", "Zm8"},
                                         {"foo", "Zm9v"},
                                         {"foob", "Zm9vYg"},
                                         {"fooba", "Zm9vYmE"},
                                         {"foobar", "Zm9vYmFy"}}) {
      CHECK(base64url_encode(plain) == encoded);
      CHECK(base64url_decode(encoded).value() == plain);
    }
  }

  TEST_CASE("the URL-safe characters stand for 62 and 63") {
    CHECK(base64url_encode("\xfb\xff\xbe") == "-_--");
    CHECK(base64url_decode("-_--").value() == "\xfb\xff\xbe");
    CHECK(base64url_decode("+/++").error() == errc::invalid_encoding);
  }

  TEST_CASE("every string of bytes comes back, whatever its length") {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
      CHECK(base64url_decode(base64url_encode(bytes)).value() == bytes);
      bytes.push_back(static_cast<char>(i * 37));
    }
  }

  TEST_CASE("padding, blanks and foreign characters are refused") {
    for (auto const* const text : {"Zg==", "Zg=", "Z g", "Zg\n", "Zm8=", "Zm9v!", "Z\xc3\xa4"}) {
      CHECK(base64url_decode(text).error() == errc::invalid_encoding);
    }
    CHECK(base64url_decode(std::string_view{"Zg\0", 3}).error() == errc::invalid_encoding);
  }

  TEST_CASE("each byte string has one spelling: a lone character and stray bits are refused") {
    CHECK(base64url_decode("Z").error() == errc::invalid_encoding);
    CHECK(base64url_decode("Zm9vZ").error() == errc::invalid_encoding);
    CHECK(base64url_decode("Zh").error() == errc::invalid_encoding);   // as Zg, with a stray bit
    CHECK(base64url_decode("Zm9").error() == errc::invalid_encoding);  // as Zm8, with a stray bit
  }
}
