#include "http/codec.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::http;

namespace {

request decode_request(std::string const& bytes) {
  request_decoder decoder{limits{}};
  CHECK(decoder.feed(bytes).value() == bytes.size());
  REQUIRE(decoder.complete());
  return decoder.take();
}

response decode_response(std::string const& bytes) {
  response_decoder decoder{limits{}};
  CHECK(decoder.feed(bytes).value() == bytes.size());
  REQUIRE(decoder.complete());
  return decoder.take();
}

}  // namespace

TEST_SUITE("http.encode") {
  TEST_CASE("a request is written as RFC 9112 says") {
    request message;
    message.method = "POST";
    message.target = "/oauth2/token";
    message.headers.add("Host", "example.com").add("Content-Type", "application/json");
    message.body = "{}";
    CHECK(encode(message) ==
          "POST /oauth2/token HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json\r\n"
          "Content-Length: 2\r\n\r\n{}");
  }

  TEST_CASE("a request without a body has a length only if its method calls for one") {
    request message;
    message.method = "GET";
    message.target = "/";
    CHECK(encode(message) == "GET / HTTP/1.1\r\n\r\n");
    for (auto const* const method : {"POST", "PUT", "PATCH"}) {
      message.method = method;
      CHECK(encode(message) == std::string{method} + " / HTTP/1.1\r\nContent-Length: 0\r\n\r\n");
    }
    message.method = "DELETE";
    message.body = "x";
    CHECK(encode(message) == "DELETE / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
  }

  TEST_CASE("an answer in pieces is read as what was put in") {
    response message;
    message.headers.add("X-A", "b");
    auto const text = encode_head(message, framing::chunked) + chunk_line(3) + "abc" +
                      std::string{chunk_end} + chunk_line(26) + "abcdefghijklmnopqrstuvwxyz" +
                      std::string{chunk_end} + std::string{last_chunk};
    CHECK(text.starts_with(
        "HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1a\r\n"));
    response_decoder decoder{{}};
    CHECK(decoder.feed(text).value() == text.size());
    REQUIRE(decoder.complete());
    auto const read = decoder.take();
    CHECK(read.keep_alive);
    CHECK(read.body == "abcabcdefghijklmnopqrstuvwxyz");

    message.keep_alive = false;
    CHECK(encode_head(message, framing::until_close) ==
          "HTTP/1.1 200 OK\r\nX-A: b\r\nConnection: close\r\n\r\n");
  }

  TEST_CASE("closing is announced, keeping is not") {
    request asked;
    asked.method = "GET";
    asked.target = "/";
    asked.keep_alive = false;
    CHECK(encode(asked) == "GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    response answer;
    answer.keep_alive = false;
    CHECK(encode(answer) == "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  }

  TEST_CASE("a response has its phrase, its fields and its length") {
    response message;
    message.status = 404;
    message.headers.add("Content-Type", "text/plain");
    message.body = "no";
    CHECK(encode(message) ==
          "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno");
    message.status = 299;
    CHECK(encode(message).starts_with("HTTP/1.1 299 \r\n"));
  }

  TEST_CASE("an answer to HEAD has the length of the body that it leaves out") {
    response message;
    message.body = "12345";
    CHECK(encode(message, true) == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  }

  TEST_CASE("204 and 304 have neither body nor length") {
    response message;
    message.body = "ignored";
    message.status = 204;
    CHECK(encode(message) == "HTTP/1.1 204 No Content\r\n\r\n");
    message.status = 304;
    message.headers.add("ETag", "\"1\"");
    CHECK(encode(message) == "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n");
  }

  TEST_CASE("a field value cannot begin another line or another message") {
    response message;
    message.headers.add("X-Request-Id",
                        "a\r\nSet-Cookie: b\n\r\n\r\nHTTP/1.1 200 OK" + std::string(1, '\0'));
    auto const bytes = encode(message);
    CHECK(bytes.find("\r\nSet-Cookie") == std::string::npos);
    auto const back = decode_response(bytes);
    CHECK(back.headers.size() == 2);
    CHECK(back.headers.find("X-Request-Id").value() == "a  Set-Cookie: b     HTTP/1.1 200 OK");
  }

  TEST_CASE("tabs and bytes beyond ASCII in a value stay as they are") {
    response message;
    message.headers.add("A", "b\tc\xc3\xa9");
    CHECK(decode_response(encode(message)).headers.find("A").value() == "b\tc\xc3\xa9");
  }

  TEST_CASE("framing fields among the headers are left out: the codec writes its own") {
    response message;
    message.headers.add("content-length", "99")
        .add("Transfer-Encoding", "chunked")
        .add("connection", "keep-alive");
    message.body = "ab";
    CHECK(encode(message) == "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab");
  }

  TEST_CASE("what is written is read back the same: requests") {
    request message;
    message.method = "PUT";
    message.target = "/v1/instances/x?a=b&c=%20";
    message.headers.add("Host", "h").add("X-Empty", "").add("X-Two", "1").add("X-Two", "2");
    message.body = std::string("\0\r\n\r\n\xff", 6);
    auto const back = decode_request(encode(message));
    CHECK(back.method == message.method);
    CHECK(back.target == message.target);
    CHECK(back.body == message.body);
    CHECK(back.keep_alive);
    CHECK(back.headers.find("X-Empty").value().empty());
    CHECK(back.headers.size() == message.headers.size() + 1);
    CHECK(encode(back) == encode(message));
  }

  TEST_CASE("what is written is read back the same: responses of every status") {
    for (unsigned status = 200; status < 600; ++status) {
      if (status == 204 || status == 304) continue;
      response message;
      message.status = status;
      message.body = "body";
      message.keep_alive = status % 2 == 0;
      auto const back = decode_response(encode(message));
      CHECK(back.status == status);
      CHECK(back.body == "body");
      CHECK(back.keep_alive == message.keep_alive);
    }
  }
}
