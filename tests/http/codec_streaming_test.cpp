// The part of the codec that hands bodies out instead of collecting them.
#include "http/codec.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::http;

namespace {

constexpr limits small{200, 50};

}  // namespace

TEST_SUITE("http.codec") {
  TEST_CASE("the body of a request that streams is handed out, however long it is") {
    auto const streams = [](std::string_view method, std::string_view target) {
      return method == "POST" && target == "/bulk";
    };
    std::string const data(small.body_bytes_max * 4, 'x');
    std::string const next = "GET /next HTTP/1.1\r\n\r\n";
    for (auto const& framed :
         {"Content-Length: 200\r\n\r\n" + data,
          "Transfer-Encoding: chunked\r\n\r\n" + chunk_line(200) + data + "\r\n0\r\n\r\n"}) {
      request_decoder decoder{small, streams};
      auto const text = "POST /bulk HTTP/1.1\r\n" + framed + next;
      auto const head = text.find("\r\n\r\n") + 4;
      REQUIRE(decoder.feed(text).value() == head);
      CHECK(decoder.streaming());
      CHECK(!decoder.complete());
      CHECK(decoder.feed(text.substr(head)).value() == 0);
      auto const taken = decoder.take_head();
      CHECK(taken.target == "/bulk");
      CHECK(taken.keep_alive);
      CHECK(taken.takes_chunks);
      CHECK(taken.body.empty());

      auto const piece = decoder.next_piece(text.substr(head)).value();
      CHECK(piece.taken + head <= text.size());
      auto rest = text.substr(head + piece.taken);
      auto const end = decoder.next_piece(rest).value();
      CHECK(end.data.empty());
      CHECK(decoder.complete());
      CHECK(!decoder.streaming());
      decoder.restart();
      rest.erase(0, end.taken);
      CHECK(rest == next);
      CHECK(decoder.feed(rest).value() == next.size());
      CHECK(decoder.take().target == "/next");
    }
  }

  TEST_CASE("a request that streams and has no body is complete at once; others have the limit") {
    auto const streams = [](std::string_view, std::string_view target) {
      return target == "/bulk";
    };
    for (auto const* const text :
         {"POST /bulk HTTP/1.1\r\n\r\n", "POST /bulk HTTP/1.1\r\nContent-Length: 0\r\n\r\n"}) {
      request_decoder decoder{small, streams};
      CHECK(decoder.feed(text).has_value());
      CHECK(!decoder.streaming());
      REQUIRE(decoder.complete());
      CHECK(decoder.take().target == "/bulk");
    }
    request_decoder other{small, streams};
    CHECK(other.feed("POST / HTTP/1.1\r\nContent-Length: 51\r\n\r\n").error() ==
          errc::body_too_large);
  }

  TEST_CASE("broken framing in a body that is handed out stays broken") {
    auto const streams = [](std::string_view, std::string_view) { return true; };
    request_decoder decoder{small, streams};
    CHECK(decoder.feed("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").has_value());
    CHECK(decoder.take_head().method == "POST");
    CHECK(decoder.next_piece("x\r\n").error() == errc::malformed_message);
    CHECK(decoder.next_piece("1\r\na").error() == errc::malformed_message);
    CHECK(!decoder.complete());
  }
}
