#include "base/error.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace wixtokend;

TEST_SUITE("base.error") {
  TEST_CASE("every error has a text of its own") {
    std::set<std::string> texts;
    auto const last = static_cast<int>(errc::unknown_name);
    for (int value = 1; value <= last; ++value) {
      auto const text = make_error_code(static_cast<errc>(value)).message();
      CHECK_FALSE(text.empty());
      CHECK(text != "unknown error");
      CHECK(text.back() != '.');
      texts.insert(text);
    }
    CHECK(texts.size() == static_cast<std::size_t>(last));
    CHECK(make_error_code(static_cast<errc>(last + 1)).message() == "unknown error");
  }

  TEST_CASE("a result carries a value or an error, and errors compare") {
    result<int> const good = 1;
    result<int> const bad = errc::timed_out;
    CHECK(good.value() == 1);
    CHECK(bad.error() == errc::timed_out);
    CHECK(bad.error() != errc::connection_closed);
    CHECK(bad.error().category() == wixtokend_category());
    CHECK(std::string{wixtokend_category().name()} == "wixtokend");
  }

  TEST_CASE("no error value means success") {
    CHECK(make_error_code(errc::timed_out).failed());
    CHECK(static_cast<int>(errc::timed_out) != 0);
  }

  TEST_CASE("a description names the place and the reason") {
    CHECK(describe("reading /x", errc::file_unreadable) ==
          "reading /x: the file is missing, unreadable or too large");
  }
}
