#include "cli/printable.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::cli {
namespace {

TEST_SUITE("cli.printable") {
  TEST_CASE("what a terminal would obey is escaped") {
    CHECK(printable("a\x1b[31mb\r\n\t\x07") == "a\\x1b[31mb\\x0d\\x0a\\x09\\x07");
    CHECK(printable(std::string{"a\0b", 3}) == "a\\x00b");
    CHECK(printable("\x7f") == "\\x7f");
    CHECK(printable("\xc2\x9b"
                    "31m") == "\\u{009b}31m");  // CSI in one character
  }

  TEST_CASE("what turns or hides text is escaped") {
    CHECK(printable("a\u202eb") == "a\\u{202e}b");
    CHECK(printable("a\u200bb\u2066\ufeff") == "a\\u{200b}b\\u{2066}\\u{feff}");
    CHECK(printable("\U000e0041") == "\\u{e0041}");
  }

  TEST_CASE("ordinary text of any language stays") {
    CHECK(printable("naïve שלום 日本 🙂 \\x") == "naïve שלום 日本 🙂 \\x");
  }

  TEST_CASE("bytes that are no UTF-8 are escaped one by one") {
    CHECK(printable("a\xff\xc3(\xed\xa0\x80z\xe2\x82") == "a\\xff\\xc3(\\xed\\xa0\\x80z\\xe2\\x82");
    CHECK(printable("\xc0\x80") == "\\xc0\\x80");
  }

  TEST_CASE("columns are counted as terminals do") {
    CHECK(columns_of("abc") == 3);
    CHECK(columns_of("äöü") == 3);
    CHECK(columns_of("日本") == 4);
    CHECK(columns_of("e\u0301") == 1);
    CHECK(columns_of("🙂") == 2);
  }

  TEST_CASE("a text is cut between characters, and says that it was") {
    CHECK(cut("abcdef", 6) == "abcdef");
    CHECK(cut("abcdef", 5) == "abcd…");
    CHECK(cut("abcdef", 1) == "…");
    CHECK(cut("abcdef", 0).empty());
    CHECK(cut("日本語", 5) == "日本…");
    CHECK(cut("日本語", 4) == "日…");
    for (std::size_t most = 0; most < 9; ++most) CHECK(columns_of(cut("a日b本c語", most)) <= most);
  }

  TEST_CASE("padding fills, and never cuts") {
    CHECK(padded("ab", 4) == "ab  ");
    CHECK(padded_left("日", 4) == "  日");
    CHECK(padded("abc", 2) == "abc");
  }

  TEST_CASE("numbers are grouped by thousands") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(1234567) == "1,234,567");
    CHECK(grouped(123456) == "123,456");
  }
}

}  // namespace
}  // namespace wixtokend::cli
