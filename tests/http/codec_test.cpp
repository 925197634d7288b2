#include "http/codec.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::http;

namespace {

constexpr limits small{200, 50};

// Feeds pieces as a connection does: what was not taken is offered again with what follows.
template <class Decoder>
result<void> feed_all(Decoder& decoder, std::vector<std::string> const& pieces,
                      std::string& left_over) {
  for (auto const& piece : pieces) {
    left_over += piece;
    auto const taken = decoder.feed(left_over);
    if (!taken.has_value()) return taken.error();
    REQUIRE(*taken <= left_over.size());
    left_over.erase(0, *taken);
  }
  return {};
}

std::vector<std::string> bytes_of(std::string_view text) {
  std::vector<std::string> pieces;
  for (char const c : text) pieces.emplace_back(1, c);
  return pieces;
}

error_code error_of_request(std::string_view bytes, limits bounds = small) {
  request_decoder whole{bounds};
  auto const at_once = whole.feed(bytes);
  // However the bytes arrive, the verdict is the same.
  request_decoder dribbling{bounds};
  std::string left_over;
  auto const dribbled = feed_all(dribbling, bytes_of(bytes), left_over);
  auto const verdict = at_once.has_value() ? error_code{} : at_once.error();
  CHECK((dribbled.has_value() ? error_code{} : dribbled.error()) == verdict);
  return verdict;
}

request read_request(std::string_view bytes) {
  request_decoder decoder{small};
  auto const taken = decoder.feed(bytes);
  REQUIRE(taken.has_value());
  CHECK(*taken == bytes.size());
  REQUIRE(decoder.complete());
  return decoder.take();
}

error_code error_of_response(std::string_view bytes, limits bounds = small) {
  response_decoder decoder{bounds};
  auto const taken = decoder.feed(bytes);
  return taken.has_value() ? error_code{} : taken.error();
}

response read_response(std::string_view bytes) {
  response_decoder decoder{small};
  auto const taken = decoder.feed(bytes);
  REQUIRE(taken.has_value());
  REQUIRE(decoder.complete());
  return decoder.take();
}

constexpr std::string_view post =
    "POST /a?b=%20c HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n"
    "hello";
constexpr std::string_view chunked =
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    "3;ext=\"q\"\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n";

}  // namespace

TEST_SUITE("http.codec") {
  TEST_CASE("a request is read with method, target, fields and body") {
    auto const message = read_request(post);
    CHECK(message.method == "POST");
    CHECK(message.target == "/a?b=%20c");
    CHECK(message.headers.find("content-type").value() == "text/plain");
    CHECK(message.headers.size() == 3);
    CHECK(message.body == "hello");
    CHECK(message.keep_alive);
  }

  TEST_CASE("a request cut at any place is read the same, and not before it is whole") {
    for (auto const text : {post, chunked}) {
      for (std::size_t cut = 0; cut < text.size(); ++cut) {
        CAPTURE(cut);
        request_decoder decoder{small};
        std::string left_over;
        REQUIRE(feed_all(decoder, {std::string{text.substr(0, cut)}}, left_over).has_value());
        CHECK_FALSE(decoder.complete());
        CHECK(decoder.started() == (cut > 0));
        REQUIRE(feed_all(decoder, {std::string{text.substr(cut)}}, left_over).has_value());
        REQUIRE(decoder.complete());
        CHECK(left_over.empty());
        CHECK(decoder.take().body == (text == post ? "hello" : "abc0123456789"));
      }
    }
  }

  TEST_CASE("requests that come one behind the other are read one by one") {
    std::string const first = "GET /1 HTTP/1.1\r\n\r\n";
    std::string const all = first + std::string{post} + "GET /3 HTTP/1.1\r\n\r\n";
    request_decoder decoder{small};
    std::string left_over;
    std::vector<std::string> targets;
    for (auto const& piece : bytes_of(all)) {
      REQUIRE(feed_all(decoder, {piece}, left_over).has_value());
      if (decoder.complete()) targets.push_back(decoder.take().target);
    }
    CHECK(targets == std::vector<std::string>{"/1", "/a?b=%20c", "/3"});

    request_decoder at_once{small};
    CHECK(at_once.feed(all).value() == first.size());
    CHECK(at_once.complete());
    CHECK(at_once.feed("GET /2").value() == 0);  // complete: nothing more is taken
  }

  TEST_CASE("after a request was taken the decoder is as new") {
    request_decoder decoder{small};
    REQUIRE(decoder.feed(post).has_value());
    static_cast<void>(decoder.take());
    CHECK_FALSE(decoder.started());
    CHECK_FALSE(decoder.head_complete());
    CHECK_FALSE(decoder.complete());
  }

  TEST_CASE("the head is known before the body is there") {
    request_decoder decoder{small};
    auto const head = post.substr(0, post.size() - 5);
    CHECK(decoder.feed(head.substr(0, head.size() - 1)).value() == 0);
    CHECK_FALSE(decoder.head_complete());
    CHECK(decoder.feed(head).value() == head.size());
    CHECK(decoder.head_complete());
    CHECK_FALSE(decoder.complete());
  }

  TEST_CASE("one empty line before a request is skipped, a second one is not") {
    CHECK(read_request("\r\nGET / HTTP/1.1\r\n\r\n").target == "/");
    CHECK(error_of_request("\r\n\r\nGET / HTTP/1.1\r\n\r\n") == errc::malformed_message);
    request_decoder decoder{small};
    CHECK(decoder.feed("\r\n").value() == 2);
    CHECK_FALSE(decoder.started());
  }

  TEST_CASE("what is not HTTP/1.x is malformed") {
    for (auto const* const text :
         {"hello\r\n\r\n", "GET /\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "GET / HTTP/2.0\r\n\r\n",
          "GET / HTTP/1.1 \r\n\r\n", " GET / HTTP/1.1\r\n\r\n", "G@T / HTTP/1.1\r\n\r\n",
          "GET / HTTP/1.1\r\nnocolon\r\n\r\n", "GET / HTTP/1.1\r\n: x\r\n\r\n",
          "GET / HTTP/1.1\r\nA : x\r\n\r\n", "GET / HTTP/1.1\r\nA: x\x01y\r\n\r\n",
          "GET / HTTP/1.1\r\nA: x\ry\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
          "GET / HTTP/1.1\nA: b\n\n", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
          "GET /\x7f HTTP/1.1\r\n\r\n"}) {
      CAPTURE(std::string{text});
      CHECK(error_of_request(text) == errc::malformed_message);
    }
    CHECK(error_of_request(std::string_view{"GET / HTTP/1.1\r\nA: x\0y\r\n\r\n", 26}) ==
          errc::malformed_message);
  }

  TEST_CASE("framing that two readers could read in two ways is malformed") {
    std::string const start = "POST / HTTP/1.1\r\n";
    for (auto const* const text :
         {"Content-Length: 5\r\nContent-Length: 6\r\n",
          "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: 5, 5\r\n",
          "Content-Length: -1\r\n", "Content-Length: +5\r\n", "Content-Length: 0x5\r\n",
          "Content-Length: 5 5\r\n", "Content-Length: \r\n",
          "Content-Length: 99999999999999999999999\r\n",
          "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
          "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "Transfer-Encoding: gzip\r\n",
          "Transfer-Encoding: gzip, chunked\r\n", "Transfer-Encoding: chunked, gzip\r\n",
          "Transfer-Encoding: xchunked\r\n", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: \r\n",
          "Host: a\r\nHost: b\r\n"}) {
      CAPTURE(std::string{text});
      CHECK(error_of_request(start + text + "\r\nhello") == errc::malformed_message);
    }
    CHECK(error_of_request("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") ==
          errc::malformed_message);
  }

  TEST_CASE("a message that went wrong never becomes complete, whatever follows") {
    for (std::string const text : {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "bad\r\n\r\n",
                                   "POST / HTTP/1.1\r\nContent-Length: 51\r\n\r\n",
                                   "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"}) {
      request_decoder decoder{small};
      CHECK(decoder.feed(text).has_error());
      CHECK_FALSE(decoder.complete());
      CHECK(decoder.feed("GET / HTTP/1.1\r\n\r\n").error() == errc::malformed_message);
      CHECK_FALSE(decoder.complete());
    }
    response_decoder decoder{small};
    CHECK(decoder.feed("HTTP/1.1 204 x\r\nHost: a\r\nHost: b\r\n\r\n").has_error());
    CHECK(decoder.finish().error() == errc::connection_closed);
    CHECK_FALSE(decoder.complete());
  }

  TEST_CASE("the head's limit holds to the byte, in one field, in many, and without an end") {
    std::string const start = "GET / HTTP/1.1\r\n";
    auto const padded = [&](std::size_t size) {
      return start + "A: " + std::string(size - start.size() - 7, 'x') + "\r\n\r\n";
    };
    CHECK_FALSE(error_of_request(padded(small.header_bytes_max)));
    CHECK(error_of_request(padded(small.header_bytes_max + 1)) == errc::header_too_large);
    std::string flood = start;
    while (flood.size() <= small.header_bytes_max) flood += "A: b\r\n";
    CHECK(error_of_request(flood) == errc::header_too_large);
    CHECK(error_of_request("GET /" + std::string(1000, 'x')) == errc::header_too_large);
    CHECK(error_of_request(start + "A: " + std::string(1000, 'x')) == errc::header_too_large);
  }

  TEST_CASE("the body's limit holds to the byte, with a length and in chunks") {
    auto const sized = [](std::size_t size) {
      return "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n";
    };
    CHECK(read_request(sized(50) + std::string(50, 'x')).body.size() == 50);
    CHECK(error_of_request(sized(51)) == errc::body_too_large);
    std::string const start = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    std::string const most = start + "32\r\n" + std::string(50, 'x') + "\r\n";
    CHECK(read_request(most + "0\r\n\r\n").body.size() == 50);
    CHECK(error_of_request(most + "1\r\nx\r\n") == errc::body_too_large);
    CHECK(error_of_request(start + "33\r\n") == errc::body_too_large);
    CHECK(error_of_request(start + "ffffffffffffffff\r\n") == errc::body_too_large);
  }

  TEST_CASE("chunked bodies are put together; trailer fields are dropped") {
    auto const message = read_request(chunked);
    CHECK(message.body == "abc0123456789");
    CHECK_FALSE(message.headers.contains("X-Trailer"));
  }

  TEST_CASE("bad chunks are malformed, endless chunk lines and trailers too large") {
    std::string const start = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (auto const* const text :
         {"x\r\n", "\r\n", "-1\r\n", "3 3\r\nabc\r\n", "3\r\nabcd\r\n", "11111111111111111\r\n"}) {
      CAPTURE(std::string{text});
      CHECK(error_of_request(start + text) == errc::malformed_message);
    }
    CHECK(error_of_request(start + "3;" + std::string(1000, 'x')) == errc::header_too_large);
    CHECK(error_of_request(start + "0\r\nA: " + std::string(1000, 'x')) == errc::header_too_large);
  }

  TEST_CASE("a client that waits for 100 Continue is told apart") {
    std::string const rest = "Expect: 100-Continue\r\nContent-Length: 2\r\n\r\n";
    request_decoder decoder{small};
    CHECK(decoder.feed("POST / HTTP/1.1\r\n" + rest).has_value());
    CHECK(decoder.head_complete());
    CHECK(decoder.expects_continue());
    CHECK(decoder.feed("ab").value() == 2);
    CHECK_FALSE(decoder.expects_continue());

    request_decoder old{small};
    CHECK(old.feed("POST / HTTP/1.0\r\n" + rest).has_value());
    CHECK_FALSE(old.expects_continue());
    request_decoder other{small};
    CHECK(other.feed("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n").has_value());
    CHECK_FALSE(other.expects_continue());
  }

  TEST_CASE("an HTTP/1.0 request does not take chunks") {
    CHECK(!read_request("GET / HTTP/1.0\r\n\r\n").takes_chunks);
    CHECK(read_request("GET / HTTP/1.1\r\n\r\n").takes_chunks);
  }

  TEST_CASE("a connection is kept by HTTP/1.1 unless it says otherwise, by HTTP/1.0 never") {
    CHECK(read_request("GET / HTTP/1.1\r\n\r\n").keep_alive);
    CHECK_FALSE(read_request("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").keep_alive);
    CHECK_FALSE(read_request("GET / HTTP/1.1\r\nConnection: x, Close\r\n\r\n").keep_alive);
    CHECK_FALSE(read_request("GET / HTTP/1.0\r\n\r\n").keep_alive);
    CHECK_FALSE(read_request("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  }

  TEST_CASE("a response is read, with a length, in chunks, and without a body") {
    auto const sized = read_response("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nA: b\r\n\r\nabc");
    CHECK(sized.status == 200);
    CHECK(sized.body == "abc");
    CHECK(sized.headers.find("a").value() == "b");
    CHECK(sized.keep_alive);
    auto const pieces =
        read_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
    CHECK(pieces.body == "a");
    CHECK(pieces.keep_alive);
    CHECK(read_response("HTTP/1.1 204 No Content\r\n\r\n").body.empty());
    CHECK(read_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n").body.empty());
    CHECK_FALSE(read_response("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                    .keep_alive);
  }

  TEST_CASE("interim responses are skipped, wherever they are cut, but not without end") {
    std::string const text =
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        "HTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nz";
    for (std::size_t cut = 0; cut < text.size(); ++cut) {
      response_decoder decoder{small};
      std::string left_over;
      REQUIRE(feed_all(decoder, {text.substr(0, cut), text.substr(cut)}, left_over).has_value());
      REQUIRE(decoder.complete());
      auto const message = decoder.take();
      CHECK(message.status == 201);
      CHECK_FALSE(message.headers.contains("Link"));
    }
    std::string flood;
    for (int i = 0; i <= response_decoder::interim_max; ++i) flood += "HTTP/1.1 100 C\r\n\r\n";
    CHECK(error_of_response(flood) == errc::malformed_message);
  }

  TEST_CASE("a body without framing ends with the stream, and so does the connection") {
    response_decoder decoder{small};
    CHECK(decoder.feed("HTTP/1.1 200 OK\r\n\r\nabc").has_value());
    CHECK_FALSE(decoder.complete());
    CHECK(decoder.feed("def").value() == 3);
    CHECK(decoder.finish().has_value());
    REQUIRE(decoder.complete());
    auto const message = decoder.take();
    CHECK(message.body == "abcdef");
    CHECK_FALSE(message.keep_alive);

    response_decoder empty{small};
    CHECK(empty.feed("HTTP/1.0 200 OK\r\n\r\n").has_value());
    CHECK(empty.finish().has_value());
    CHECK(empty.take().body.empty());
  }

  TEST_CASE("a response that ends too early is an error, wherever it ends") {
    std::string const sized = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
    std::string const pieces =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    for (auto const& text : {sized, pieces}) {
      for (std::size_t cut = 0; cut < text.size(); ++cut) {
        CAPTURE(cut);
        response_decoder decoder{small};
        REQUIRE(decoder.feed(text.substr(0, cut)).has_value());
        CHECK(decoder.finish().error() == errc::connection_closed);
        CHECK_FALSE(decoder.complete());
      }
    }
    response_decoder interim_only{small};
    CHECK(interim_only.feed("HTTP/1.1 100 Continue\r\n\r\n").has_value());
    CHECK(interim_only.finish().error() == errc::connection_closed);
  }

  TEST_CASE("responses have the same limits and the same strictness") {
    CHECK(error_of_response("HTTP/1.1 200 OK\r\nContent-Length: 51\r\n\r\n") ==
          errc::body_too_large);
    CHECK(error_of_response("HTTP/1.1 200 OK\r\n\r\n" + std::string(51, 'x')) ==
          errc::body_too_large);
    CHECK(error_of_response("HTTP/1.1 200 OK\r\nA: " + std::string(1000, 'x')) ==
          errc::header_too_large);
    for (auto const* const text :
         {"hello\r\n\r\n", "HTTP/1.1 xyz OK\r\n\r\n", "HTTP/3 200 OK\r\n\r\n",
          "HTTP/1.1 200 OK\nA: b\n\n", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n"}) {
      CAPTURE(std::string{text});
      CHECK(error_of_response(text) == errc::malformed_message);
    }
  }

  TEST_CASE("bytes behind a response are left alone") {
    response_decoder decoder{small};
    std::string_view const first = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na";
    CHECK(decoder.feed(std::string{first} + "surplus").value() == first.size());
    CHECK(decoder.complete());
  }
}
