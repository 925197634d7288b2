#include "emulator/fault_effect.hpp"

#include "emulator/replies.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;
namespace json = boost::json;

namespace {

fault error(unsigned status, error_shape shape) {
  fault what;
  what.kind = fault_kind::error;
  what.status = status;
  what.shape = shape;
  return what;
}

json::object body_of(http::response const& reply) {
  return json::parse(reply.body).as_object();
}

std::string type_of(http::response const& reply) {
  return std::string{reply.headers.find("content-type").value_or("(absent)")};
}

http::response token_reply() {
  return json_reply(200, R"({"access_token":"T","token_type":"Bearer","expires_in":14400})");
}

}  // namespace

TEST_SUITE("emulator.fault_effect") {
  TEST_CASE("an error without further words is a 500 in the shape of RFC 6749") {
    fault what;
    what.kind = fault_kind::error;
    auto const reply = error_reply(what);
    CHECK(reply.status == 500);
    CHECK(type_of(reply) == "application/json");
    CHECK(body_of(reply).at("error") == "temporarily_unavailable");
  }

  TEST_CASE("the usual code suits the status") {
    CHECK(body_of(error_reply(error(401, error_shape::rfc))).at("error") == "invalid_client");
    CHECK(body_of(error_reply(error(400, error_shape::rfc))).at("error") == "invalid_request");
    auto const details =
        body_of(error_reply(error(429, error_shape::wix))).at("details").as_object();
    CHECK(details.at("applicationError").at("code") == "RESOURCE_EXHAUSTED");
  }

  TEST_CASE("a server fault in the upstream's own shape is empty by design") {
    CHECK(error_reply(error(503, error_shape::wix)).body == R"({"message":"","details":{}})");
  }

  TEST_CASE("code and message go where the shape has them") {
    auto what = error(400, error_shape::rfc);
    what.code = "invalid_grant";
    what.message = "it is \"gone\"";
    CHECK(error_reply(what).body ==
          R"({"error":"invalid_grant","error_description":"it is \"gone\""})");
    what.shape = error_shape::wix;
    CHECK(error_reply(what).body ==
          R"({"message":"it is \"gone\"","details":{"applicationError":{"code":"invalid_grant",)"
          R"("description":"it is \"gone\"","data":{}}}})");
    what.shape = error_shape::legacy;
    CHECK(error_reply(what).body == R"({"errorDescription":"it is \"gone\""})");
    what.shape = error_shape::validation;
    auto const details = body_of(error_reply(what)).at("details").as_object();
    auto const violation = details.at("validationError").at("fieldViolations").as_array().at(0);
    CHECK(violation.at("field") == "invalid_grant");
  }

  TEST_CASE("an empty error has no body and no content type") {
    auto const reply = error_reply(error(403, error_shape::empty));
    CHECK(reply.status == 403);
    CHECK(reply.body.empty());
    CHECK(type_of(reply) == "(absent)");
  }

  TEST_CASE("an HTML error is a page that is no JSON") {
    auto const reply = error_reply(error(502, error_shape::html));
    CHECK(type_of(reply) == "text/html; charset=utf-8");
    CHECK(reply.body.find("502 Bad Gateway") != std::string::npos);
  }

  TEST_CASE("a raw error is what it is, a success too") {
    auto what = error(200, error_shape::raw);
    what.body = "garbage";
    auto const reply = error_reply(what);
    CHECK(reply.status == 200);
    CHECK(reply.body == "garbage");
  }

  TEST_CASE("Retry-After and another content type are added") {
    auto what = error(429, error_shape::rfc);
    what.retry_after = "120";
    what.content_type = "text/plain";
    auto const reply = error_reply(what);
    CHECK(reply.headers.find("retry-after") == "120");
    CHECK(type_of(reply) == "text/plain");
    CHECK(reply.headers.size() == 2);
    CHECK_FALSE(error_reply(error(429, error_shape::rfc)).headers.contains("retry-after"));
  }

  TEST_CASE("members of a reply are set and removed") {
    auto reply = token_reply();
    fault what;
    what.set = {{"expires_in", R"("3600")"}, {"extra", "[1,2]"}, {"token_type", "null"}};
    what.remove = {"access_token", "not_there"};
    alter(reply, what);
    CHECK(reply.body == R"({"token_type":null,"expires_in":"3600","extra":[1,2]})");
    CHECK(reply.status == 200);
  }

  TEST_CASE("huge numbers pass through as they were written") {
    auto reply = token_reply();
    fault what;
    what.set = {{"expires_in", "9223372036854775807"}};
    alter(reply, what);
    CHECK(body_of(reply).at("expires_in") == INT64_MAX);
  }

  TEST_CASE("status and content type of a reply are changed") {
    auto reply = token_reply();
    fault what;
    what.status = 201;
    what.content_type = "text/html";
    alter(reply, what);
    CHECK(reply.status == 201);
    CHECK(type_of(reply) == "text/html");
    CHECK(reply.body == token_reply().body);
  }

  TEST_CASE("an answer that is an error already is left alone") {
    auto reply = rfc_error(401, "invalid_client", "no");
    auto const before = reply.body;
    fault what;
    what.status = 201;
    what.set = {{"error", "1"}};
    alter(reply, what);
    CHECK(reply.status == 401);
    CHECK(reply.body == before);
  }
}
