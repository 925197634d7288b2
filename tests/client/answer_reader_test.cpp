#include "wixtoken/detail/answer_reader.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtoken::detail {
namespace {

constexpr char const* whole =
    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nX-Request-Id: r-1\r\nX-Cache: MISS\r\n\r\n{\"a\":1}";

TEST_SUITE("client.answer_reader") {
  TEST_CASE("an answer is the same wherever its bytes are cut") {
    std::string const text{whole};
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      answer_reader reader;
      REQUIRE(reader.feed(std::string_view{text}.substr(0, cut)));
      CHECK_FALSE(reader.complete());
      REQUIRE(reader.feed(std::string_view{text}.substr(cut)));
      REQUIRE(reader.complete());
      auto const got = reader.take();
      CHECK(got.status == 200);
      CHECK(got.body == "{\"a\":1}");
      CHECK(got.request_id == "r-1");
      CHECK(got.cache == "MISS");
      CHECK(got.keep_alive);
    }
  }

  TEST_CASE("answers without a body end with their head") {
    for (auto const* const text :
         {"HTTP/1.1 304 Not Modified\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"}) {
      answer_reader reader;
      REQUIRE(reader.feed(text));
      REQUIRE(reader.complete());
      CHECK(reader.take().body.empty());
    }
  }

  TEST_CASE("interim answers are skipped, but not for ever") {
    std::string const interim = "HTTP/1.1 100 Continue\r\n\r\n";
    answer_reader reader;
    REQUIRE(reader.feed(interim + whole));
    REQUIRE(reader.complete());
    CHECK(reader.take().status == 200);

    answer_reader other;
    CHECK_FALSE(other.feed(interim + interim + interim + interim + interim + interim));
  }

  TEST_CASE("a body that ends with the connection is whole then, any other is not") {
    answer_reader open;
    REQUIRE(open.feed("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabc"));
    CHECK_FALSE(open.complete());
    CHECK(open.finish());
    auto const got = open.take();
    CHECK(got.body == "abc");
    CHECK_FALSE(got.keep_alive);

    answer_reader cut;
    REQUIRE(cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc"));
    CHECK_FALSE(cut.finish());
    CHECK_FALSE(answer_reader{}.finish());
  }

  TEST_CASE("chunks are refused, wherever they are cut") {
    std::string const text =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n{}\r\n0\r\n\r\nmore";
    for (std::size_t size = 1; size <= text.size(); ++size) {
      answer_reader reader;
      bool taken = true;
      for (std::size_t at = 0; at < text.size() && taken; at += size) {
        taken = reader.feed(std::string_view{text}.substr(at, size));
      }
      CHECK_FALSE(taken);
    }
  }

  TEST_CASE("what is no answer is refused") {
    for (auto const& text :
         {std::string{"SSH-2.0-OpenSSH_9.2\r\n\r\n"}, std::string{"\x16\x03\x01\r\n\r\n"},
          std::string{"HTTP/2 200\r\n\r\n"}, whole + std::string{"more"},
          std::string{"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"},
          "HTTP/1.1 200 OK\r\nA: " + std::string(20'000, 'x') + "\r\n\r\n"}) {
      answer_reader reader;
      CHECK_FALSE(reader.feed(text));
    }
  }
}

}  // namespace
}  // namespace wixtoken::detail
