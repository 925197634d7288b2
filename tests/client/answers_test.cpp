#include "wixtoken/detail/answers.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace wixtoken::detail {
namespace {

answer reply(unsigned status, std::string body) {
  answer out;
  out.status = status;
  out.request_id = "req-7";
  out.body = std::move(body);
  return out;
}

constexpr char const* token_body =
    R"({"access_token":"OauthNG.JWS.a","token_type":"Bearer","expires_in":14339,)"
    R"("expires_at":1767239939,"upstream_expires_at":1767240000,"refresh_at":null,)"
    R"("instance_id":"2d2f","generation":1767225600001,"added_later":[1,{}]})";

constexpr char const* view_body =
    R"({"instance_id":"2d2f","app":"main","state":"stale","grant":"client_credentials",)"
    R"("registered":true,"durable":true,"generation":5,"minted_at":10,"expires_at":20,)"
    R"("last_error":{"class":"transient","status":503,"code":"c","message":"m","request_id":"r",)"
    R"("at":9},"codes":[{"outcome":"refused","deadline_at":3,"why":null}],"waiters":2,)"
    R"("failures_in_row":4,"removal_announced_at":null})";

TEST_SUITE("client.answers") {
  TEST_CASE("a token is read; members that are not known are skipped") {
    auto got = reply(200, token_body);
    got.cache = "STALE";
    auto const token = read_token(got);
    REQUIRE(token.has_value());
    CHECK(token->text.reveal() == "OauthNG.JWS.a");
    CHECK(token->generation == 1767225600001);
    CHECK(token->expires_in.count() == 14339);
    CHECK(token->expires_at == 1767239939);
    CHECK(token->upstream_expires_at == 1767240000);
    CHECK_FALSE(token->refresh_at.has_value());
    CHECK(token->cache == cache_status::stale);
    CHECK(token->instance_id == "2d2f");
  }

  TEST_CASE("an answer of another version says what is missing and what to do") {
    auto const without = read_token(reply(200, R"({"access_token":"x","expires_in":1})"));
    REQUIRE(without.has_error());
    CHECK(without.error().code == "other_version");
    CHECK(without.error().kind == error_kind::protocol);
    CHECK(without.error().request_id == "req-7");
    CHECK(without.error().description.find("generation") != std::string::npos);
    CHECK(without.error().description.find("upgrade") != std::string::npos);
    for (auto const* const body : {"", "[]", "<html>", R"({"generation":"1"})"}) {
      auto const read = read_token(reply(200, body));
      REQUIRE(read.has_error());
      CHECK(read.error().code == "other_version");
    }
  }

  TEST_CASE("a token that would end the header line that it goes into is none") {
    auto const read = read_token(reply(200, R"({"access_token":"a\r\nX: y","expires_in":1,)"
                                            R"("expires_at":2,"generation":3})"));
    REQUIRE(read.has_error());
    CHECK(read.error().code == "other_version");
    CHECK(read_token(reply(200, R"({"access_token":"","expires_in":1,"expires_at":2,)"
                                R"("generation":3})"))
              .has_error());
  }

  TEST_CASE("a view is read with its failures and codes, and kept as it was written") {
    auto const view = read_view(reply(200, view_body));
    REQUIRE(view.has_value());
    CHECK(view->state == "stale");
    CHECK(view->generation == 5);
    CHECK(view->durable);
    CHECK(view->minted_at == 10);
    CHECK_FALSE(view->upstream_expires_at.has_value());
    REQUIRE(view->last_error.has_value());
    CHECK(view->last_error->kind == "transient");
    CHECK(view->last_error->status == 503);
    CHECK(view->last_error->at == 9);
    REQUIRE(view->codes.size() == 1);
    CHECK(view->codes[0].outcome == "refused");
    CHECK(view->failures_in_row == 4);
    CHECK(view->json == view_body);
    CHECK(read_view(reply(200, R"({"app":"main"})")).error().code == "other_version");
  }

  TEST_CASE("a page has its cursor, and none at the end") {
    auto const body = R"({"instances":[)" + std::string{view_body} + R"(],"next_cursor":"4711"})";
    auto const page = read_page(reply(200, body));
    REQUIRE(page.has_value());
    REQUIRE(page->instances.size() == 1);
    CHECK(page->instances[0].json == view_body);
    CHECK(page->next_cursor == "4711");
    auto const last = read_page(reply(200, R"({"instances":[],"next_cursor":null})"));
    REQUIRE(last.has_value());
    CHECK_FALSE(last->next_cursor.has_value());
    CHECK(read_page(reply(200, R"({"instances":[7]})")).has_error());
    CHECK(read_page(reply(200, "{}")).has_error());
  }

  TEST_CASE("the outcome of a bulk registration names the lines that failed") {
    auto const read = read_summary(reply(
        200, R"({"lines":3,"added":1,"known":1,"failed":1,"truncated":false,"failures":)"
             R"([{"line":3,"error":"invalid_instance_id","error_description":"No GUID."}]})"));
    REQUIRE(read.has_value());
    CHECK(read->lines == 3);
    REQUIRE(read->failures.size() == 1);
    CHECK(read->failures[0].line == 3);
    CHECK(read->failures[0].code == "invalid_instance_id");
  }

  TEST_CASE("not being ready is an answer, and being refused one is an error") {
    auto const read = read_readiness(
        reply(503, R"({"ready":false,"reasons":["a","b"],"kept_warm":3,"usable":1})"));
    REQUIRE(read.has_value());
    CHECK_FALSE(read->ready);
    CHECK(read->reasons == std::vector<std::string>{"a", "b"});
    CHECK(read_readiness(reply(403, R"({"error":"access_denied","error_description":"No."})"))
              .error()
              .kind == error_kind::denied);
  }

  TEST_CASE("a version is that of wixtokend, or another program's") {
    CHECK(read_version(reply(200, R"({"name":"wixtokend","version":"1.2"})")).value() == "1.2");
    CHECK(read_version(reply(200, R"({"name":"nginx","version":"1.2"})")).has_error());
  }
}

}  // namespace
}  // namespace wixtoken::detail
