#include "wix/refusal.hpp"

#include "support/wix_samples.hpp"
#include "wix/json_reading.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using core::failure_class;

namespace {

constexpr auto transient = failure_class::transient;
constexpr auto throttled = failure_class::throttled;
constexpr auto refused = failure_class::app_refused;
constexpr auto blocked = failure_class::instance_blocked;

// Every kind of body that an error may have.
std::string const empty;
std::string const html = "<!doctype html><title>Bad gateway</title>";
std::string const foreign = R"({"status":"nok"})";
std::string const silent = R"({"message":"","details":{}})";
std::string const wix_words = R"({"message":"app not found in any meta-site","details":{}})";
std::string const wix_code = R"({"message":"m","details":{"applicationError":{"code":"C"}}})";
std::string const wix_fields =
    R"({"message":"x is not a valid GUID","details":{"validationError":{"fieldViolations":[]}}})";
std::string const wix_client =
    R"({"message":"m","details":{"applicationError":{"code":"invalid_client"}}})";
std::string const legacy = R"({"errorDescription":"[business] - invalid_token"})";
std::string const invalid_client = R"({"error":"invalid_client","error_description":"d"})";
std::string const unauthorized = R"({"error":"unauthorized_client"})";
std::string const invalid_grant = R"({"error":"invalid_grant"})";
std::string const invalid_request = R"({"error":"invalid_request"})";

std::vector<std::string> const all_bodies{
    empty,      html,   foreign,        silent,       wix_words,     wix_code,       wix_fields,
    wix_client, legacy, invalid_client, unauthorized, invalid_grant, invalid_request};

core::failure classify(http::response const& answer,
                       std::initializer_list<std::string_view> hidden = {}) {
  auto const body = wix::parse_object(answer.body);
  std::vector<std::string_view> const secrets{hidden};
  return wix::refusal(answer, wall_time{std::chrono::seconds{test::sample_now}},
                      body.has_value() ? &*body : nullptr, secrets);
}

http::response answer(unsigned status, std::string body = {}) {
  return test::sample_reply(status, std::move(body)).message;
}

failure_class kind(unsigned status, std::string const& body, char const* retry_after = nullptr) {
  auto message = answer(status, body);
  if (retry_after != nullptr) message.headers.add("Retry-After", retry_after);
  return classify(message).kind;
}

}  // namespace

TEST_SUITE("wix.refusal") {
  TEST_CASE("429 is throttled, whatever else it says (U-52)") {
    for (auto const& body : all_bodies) {
      CAPTURE(body);
      CHECK(kind(429, body) == throttled);
      CHECK(kind(429, body, "7") == throttled);
      CHECK(kind(429, body, "rubbish") == throttled);
    }
  }

  TEST_CASE("503 is throttled with a usable Retry-After and transient without (U-52, U-53)") {
    for (auto const& body : all_bodies) {
      CAPTURE(body);
      CHECK(kind(503, body, "7") == throttled);
      CHECK(kind(503, body, "Sun, 06 Nov 2022 08:50:00 GMT") == throttled);
      CHECK(kind(503, body) == transient);
      CHECK(kind(503, body, "0") == transient);
      CHECK(kind(503, body, "soon") == transient);
      CHECK(kind(503, body, "Sun, 06 Nov 1994 08:49:37 GMT") == transient);
    }
  }

  TEST_CASE("408 and every other 5xx are transient, whatever the body (U-53)") {
    for (unsigned const status : {408U, 500U, 501U, 502U, 504U, 505U, 520U, 599U}) {
      for (auto const& body : all_bodies) {
        CAPTURE(status);
        CAPTURE(body);
        CHECK(kind(status, body) == transient);
        CHECK(kind(status, body, "7") == transient);
      }
    }
  }

  TEST_CASE("any other 2xx, any 3xx and what is no status are transient (U-54)") {
    for (unsigned const status : {0U, 99U, 100U, 199U, 201U, 202U, 204U, 206U, 299U, 300U, 301U,
                                  302U, 304U, 307U, 308U, 399U, 600U, 999U}) {
      for (auto const& body : all_bodies) {
        CAPTURE(status);
        CAPTURE(body);
        CHECK(kind(status, body) == transient);
      }
    }
  }

  TEST_CASE("400 and 401 that name the client refuse the app, in either shape (U-55)") {
    for (unsigned const status : {400U, 401U}) {
      CAPTURE(status);
      CHECK(kind(status, invalid_client) == refused);
      CHECK(kind(status, unauthorized) == refused);
      CHECK(kind(status, wix_client) == refused);
      CHECK(kind(status, R"({"error":"invalid_client","message":"also Wix"})") == refused);
    }
    // Neither another status nor a likeness will do.
    CHECK(kind(403, invalid_client) == blocked);
    CHECK(kind(409, invalid_client) == transient);
    CHECK(kind(400, R"({"error":"Invalid_Client"})") == blocked);
    CHECK(kind(400, R"({"error":"invalid_client "})") == blocked);
    CHECK(kind(400, R"({"message":"invalid_client"})") == blocked);
    CHECK(kind(401, R"({"error":["invalid_client"]})") == transient);
  }

  TEST_CASE("404 blocks the instance, with any body or none (U-56)") {
    for (auto const& body : all_bodies) {
      CAPTURE(body);
      CHECK(kind(404, body) == blocked);
      CHECK(kind(404, body, "7") == blocked);
    }
  }

  TEST_CASE("400, 401 and 403 with an error shape block the instance (U-57)") {
    for (unsigned const status : {400U, 401U, 403U}) {
      for (auto const& body :
           {wix_words, wix_code, wix_fields, legacy, invalid_grant, invalid_request}) {
        CAPTURE(status);
        CAPTURE(body);
        CHECK(kind(status, body) == blocked);
      }
    }
  }

  TEST_CASE("400, 401 and 403 without an error shape are transient (U-58)") {
    for (unsigned const status : {400U, 401U, 403U}) {
      for (auto const& body : {empty, html, foreign, silent, std::string{"[]"}, std::string{"{"},
                               R"({"error":"invalid_client")" + std::string{"\xff}"}}) {
        CAPTURE(status);
        CAPTURE(body);
        CHECK(kind(status, body) == transient);
      }
    }
  }

  TEST_CASE("every other 4xx is transient, whatever the body (U-59)") {
    for (unsigned const status :
         {402U, 405U, 406U, 407U, 409U, 410U, 413U, 422U, 428U, 451U, 499U}) {
      for (auto const& body : all_bodies) {
        CAPTURE(status);
        CAPTURE(body);
        CHECK(kind(status, body) == transient);
      }
    }
  }

  TEST_CASE("status, code, message and request id are kept (U-45, U-47)") {
    auto message = answer(401, invalid_client);
    message.headers.add("X-Wix-Request-Id", "1667724577.123456");
    auto const failed = classify(message);
    CHECK(failed.status == 401);
    CHECK(failed.code == "invalid_client");
    CHECK(failed.message == "d");
    CHECK(failed.request_id == "1667724577.123456");
    CHECK_FALSE(failed.retry_after.has_value());

    CHECK(classify(answer(400, legacy)).message == "[business] - invalid_token");
    CHECK(classify(answer(404, wix_words)).message == "app not found in any meta-site");
    CHECK(classify(answer(404, wix_words)).code.empty());
    CHECK(classify(answer(404)).request_id.empty());
  }

  TEST_CASE("an answer without words is described") {
    auto page = answer(502, html);
    page.headers.add("Content-Type", "text/html");
    CHECK(classify(page).message == "no message in the answer: 41 bytes of text/html");
    CHECK(classify(answer(500)).message == "no message in the answer: 0 bytes of unknown type");

    auto moved = answer(302);
    moved.headers.add("Location", "https://www.example.com/login");
    CHECK(classify(moved).message ==
          "a redirect, which is not followed, to https://www.example.com/login");
  }

  TEST_CASE("a wish to wait is passed on in any class (U-60)") {
    for (unsigned const status : {404U, 429U, 500U, 503U}) {
      auto message = answer(status);
      message.headers.add("Retry-After", "90");
      CHECK(classify(message).retry_after == duration{90s});
    }
  }

  TEST_CASE("texts are bounded") {
    std::string const words(60'000, 'w');
    auto message = answer(400, R"({"error":")" + words + R"(","message":")" + words + R"("})");
    message.headers.add("x-wix-request-id", std::string(9000, 'r'));
    auto const failed = classify(message);
    CHECK(failed.kind == blocked);
    CHECK(failed.code.size() == wix::code_size_max);
    CHECK(failed.message.size() == wix::message_size_max);
    CHECK(failed.request_id.size() == wix::request_id_size_max);
  }

  TEST_CASE("an echoed secret is masked in every text") {
    auto const secret_text = std::string{test::sample_secret};
    auto message = answer(400, R"({"error":"bad )" + secret_text + R"(","error_description":")" +
                                   R"({\"client_secret\":\")" + secret_text + R"(\"}"})");
    message.headers.add("x-wix-request-id", secret_text);
    auto const failed = classify(message, {secret_text});
    CHECK(failed.kind == blocked);
    CHECK(failed.code == "bad [redacted]");
    CHECK(failed.message == R"({"client_secret":"[redacted]"})");
    CHECK(failed.request_id == "[redacted]");

    auto page = answer(302);
    page.headers.add("Location", "/?client_secret=" + secret_text);
    CHECK(classify(page, {secret_text}).message.find(secret_text) == std::string::npos);
  }

  TEST_CASE("masking does not change the class") {
    // A secret that is part of the code that decides.
    auto const failed = classify(answer(401, invalid_client), {"invalid_client"});
    CHECK(failed.kind == refused);
    CHECK(failed.code == "[redacted]");
  }

  TEST_CASE("hostile JSON is as no JSON") {
    std::string deep;
    for (int i = 0; i < 30'000; ++i) deep += R"({"error":)";
    CHECK(kind(400, deep) == transient);
    CHECK(kind(400, R"({"error":"invalid_client"} {"error":"x"})") == transient);
    // Of equal keys the last one counts.
    CHECK(kind(400, R"({"error":"x","error":"invalid_client"})") == refused);
    CHECK(kind(400, R"({"error":"invalid_client","error":"x"})") == blocked);
    CHECK(kind(400, R"({"error":"invalid_client","error":null})") == transient);
    // A NUL ends nothing.
    CHECK(kind(400, R"({"error":"invalid_client\u0000"})") == blocked);
    CHECK(classify(answer(400, R"({"error":"a\u0000b"})")).code == "a b");
  }

  TEST_CASE("a 200 that does not count is transient, with a code of ours (U-54)") {
    auto message = answer(200, html);
    message.headers.add("x-wix-request-id", "r1").add("Retry-After", "5");
    std::array<std::string_view, 1> const hidden{"hide-this-word"};
    auto const now = wall_time{std::chrono::seconds{test::sample_now}};
    auto const failed =
        wix::unusable_answer(message, now, "the_code", "hide-this-word now", hidden);
    CHECK(failed.kind == transient);
    CHECK(failed.status == 200);
    CHECK(failed.code == "the_code");
    CHECK(failed.message == "[redacted] now");
    CHECK(failed.request_id == "r1");
    CHECK(failed.retry_after == duration{5s});
    CHECK(wix::unusable_answer(message, now, "hide-this-word", {}, hidden).code ==
          "hide-this-word");
    CHECK(wix::unusable_answer(message, now, "c", {}, hidden).message ==
          "no message in the answer: 41 bytes of unknown type");
  }
}
