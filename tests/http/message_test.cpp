#include "http/message.hpp"

#include <doctest/doctest.h>

using namespace wixtokend::http;

TEST_SUITE("http.message") {
  TEST_CASE("fields are found without regard to case, the first of a name") {
    fields headers;
    headers.add("Content-Type", "text/plain").add("X-A", "1").add("x-a", "2");
    CHECK(headers.find("content-type").value() == "text/plain");
    CHECK(headers.find("X-a").value() == "1");
    CHECK(headers.contains("CONTENT-TYPE"));
    CHECK(headers.size() == 3);
  }

  TEST_CASE("a field that is not there is not found, nor is a part of a name") {
    fields headers;
    CHECK_FALSE(headers.contains(""));
    headers.add("X-Abc", "");
    CHECK_FALSE(headers.contains("X-Ab"));
    CHECK_FALSE(headers.contains("X-Abcd"));
    CHECK(headers.find("x-abc").value().empty());
  }

  TEST_CASE("fields keep their order") {
    fields headers;
    headers.add("B", "1").add("A", "2").add("B", "3");
    std::string all;
    for (auto const& [name, value] : headers) all += name + value;
    CHECK(all == "B1A2B3");
  }

  TEST_CASE("every status that we send or receive has its standard phrase") {
    CHECK(reason_phrase(200) == "OK");
    CHECK(reason_phrase(304) == "Not Modified");
    CHECK(reason_phrase(413) == "Content Too Large");
    CHECK(reason_phrase(422) == "Unprocessable Content");
    CHECK(reason_phrase(431) == "Request Header Fields Too Large");
    CHECK(reason_phrase(504) == "Gateway Timeout");
    for (unsigned const status : {100U, 201U, 202U, 204U, 301U, 302U, 307U, 400U, 401U, 403U, 404U,
                                  405U, 408U, 409U, 415U, 428U, 429U, 500U, 501U, 502U, 503U}) {
      CAPTURE(status);
      CHECK_FALSE(reason_phrase(status).empty());
    }
  }

  TEST_CASE("an unknown status has no phrase") {
    CHECK(reason_phrase(0).empty());
    CHECK(reason_phrase(299).empty());
    CHECK(reason_phrase(999).empty());
  }
}
