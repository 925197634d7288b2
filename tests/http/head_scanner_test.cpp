#include "http/head_scanner.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::http;

namespace {

constexpr std::size_t size_max = 100;

result<std::size_t> find_end(std::string_view bytes) {
  return head_scanner{}.find_end(bytes, size_max);
}

}  // namespace

TEST_SUITE("http.head_scanner") {
  TEST_CASE("a head ends behind its first empty line") {
    std::string_view const head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    CHECK(find_end(head).value() == head.size());
    CHECK(find_end(std::string{head} + "body\r\n\r\n").value() == head.size());
    CHECK(find_end("a\r\n\r\n").value() == 5);
  }

  TEST_CASE("every incomplete head is incomplete, and is found as soon as it is whole") {
    std::string const head = "GET / HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n";
    head_scanner scanner;
    for (std::size_t size = 0; size < head.size(); ++size) {
      auto const found = scanner.find_end(head.substr(0, size), size_max);
      REQUIRE(found.has_value());
      CHECK(*found == 0);
    }
    CHECK(scanner.find_end(head + "behind", size_max).value() == head.size());
  }

  TEST_CASE("a line feed without a carriage return is refused at once") {
    CHECK(find_end("GET / HTTP/1.1\n").error() == errc::malformed_message);
    CHECK(find_end("GET / HTTP/1.1\r\nA: b\nC: d").error() == errc::malformed_message);
    CHECK(find_end("GET / HTTP/1.1\r\nA: b\r\n\n").error() == errc::malformed_message);
    CHECK(find_end("\nGET").error() == errc::malformed_message);
  }

  TEST_CASE("a folded line is refused, with a blank and with a tab, the first one too") {
    CHECK(find_end("G\r\nA: b\r\n c\r\n").error() == errc::malformed_message);
    CHECK(find_end("G\r\nA: b\r\n\tc\r\n").error() == errc::malformed_message);
    CHECK(find_end("G\r\n A: b\r\n").error() == errc::malformed_message);
  }

  TEST_CASE("a head that begins with an empty line is refused") {
    CHECK(find_end("\r\n").error() == errc::malformed_message);
  }

  TEST_CASE("the limit holds for the whole head, to the byte") {
    std::string const head = "G\r\nA: " + std::string(size_max - 10, 'x') + "\r\n\r\n";
    REQUIRE(head.size() == size_max);
    CHECK(find_end(head).value() == size_max);
    CHECK(find_end("x" + head).error() == errc::header_too_large);
    CHECK(find_end(std::string(size_max, 'x')).value() == 0);
    CHECK(find_end(std::string(size_max + 1, 'x')).error() == errc::header_too_large);
  }

  TEST_CASE("what follows a head does not count against its limit") {
    CHECK(find_end("G\r\n\r\n" + std::string(1000, 'x')).value() == 5);
  }
}
