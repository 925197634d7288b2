#include "base/text.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;

TEST_SUITE("base.text") {
  TEST_CASE("decimal numbers are read to the last one") {
    CHECK(parse_decimal("0").value() == 0);
    CHECK(parse_decimal("007").value() == 7);
    CHECK(parse_decimal("18446744073709551615").value() == UINT64_MAX);
    CHECK(parse_decimal("300", 300).value() == 300);
  }

  TEST_CASE("what is not a plain number, or too large, is refused") {
    for (auto const* const text : {"", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x10", "a", "1a",
                                   "18446744073709551616", "99999999999999999999999999"}) {
      CAPTURE(std::string{text});
      CHECK(parse_decimal(text).error() == errc::invalid_number);
    }
    CHECK(parse_decimal("301", 300).error() == errc::invalid_number);
    CHECK(parse_decimal(std::string_view{"1\0", 2}).error() == errc::invalid_number);
  }

  TEST_CASE("quoted text cannot leave its line or its quotes") {
    CHECK(quoted("plain text") == "\"plain text\"");
    CHECK(quoted("") == "\"\"");
    CHECK(quoted("a\"b\\c\r\n\t\x7f") == "\"a\\x22b\\x5cc\\x0d\\x0a\\x09\\x7f\"");
    CHECK(quoted("\xc3\xa9") == "\"\\xc3\\xa9\"");
    CHECK(quoted(std::string_view{"\0", 1}) == "\"\\x00\"");
  }

  TEST_CASE("quoted text is cut at its limit, and says so") {
    CHECK(quoted("abcd", 4) == "\"abcd\"");
    CHECK(quoted("abcde", 4) == "\"abcd…\"");
    CHECK(quoted(std::string(1000, 'x')).size() == 120 + 2 + 3);
  }

  TEST_CASE("texts compare without regard to the case of ASCII letters only") {
    CHECK(equal_ignoring_case("Content-Type", "cONTENT-tYPE"));
    CHECK(equal_ignoring_case("", ""));
    CHECK_FALSE(equal_ignoring_case("a", "ab"));
    CHECK_FALSE(equal_ignoring_case("@", "`"));
    CHECK_FALSE(equal_ignoring_case("[", "{"));
    CHECK_FALSE(equal_ignoring_case("\xc3\x84", "\xc3\xa4"));
  }

  TEST_CASE("a figure has three significant digits, and all of those before the point") {
    CHECK(figure(0) == "0");
    CHECK(figure(1) == "1");
    CHECK(figure(50) == "50");
    CHECK(figure(12.5) == "12.5");
    CHECK(figure(1.0 / 3) == "0.333");
    CHECK(figure(2.0 / 3) == "0.667");
    CHECK(figure(1.0 / 10'800) == "0.0000926");
    CHECK(figure(86'400.4) == "86400");
    CHECK(figure(999.6) == "1000");
    CHECK(figure(1e-12) == "0");
    CHECK(figure(1.7e308).size() == 309);
  }

  TEST_CASE("valid UTF-8 is recognised up to the last code point") {
    for (auto const* const text :
         {"", "ascii", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
          "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "a\xc3\xa9z"}) {
      CHECK(is_utf8(text));
    }
    CHECK(is_utf8(std::string_view{"\0", 1}));
  }

  TEST_CASE("overlong forms, surrogates, lone and missing bytes are not UTF-8") {
    for (auto const* const text :
         {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc3", "\xc3(", "\xe0\x9f\xbf", "\xe2\x82",
          "\xe2(\xa1", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
          "\xf5\x80\x80\x80", "\xf0\x9f\x98", "\xff", "\xfe", "a\xc3\xa9\xc3"}) {
      CHECK_FALSE(is_utf8(text));
    }
  }
}
