#include "wix/error_reply.hpp"

#include "wix/json_reading.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;

TEST_SUITE("wix.error_reply") {
  TEST_CASE("both shapes are read, and what is neither has no shape (U-44, U-45)") {
    struct row {
      std::string body;
      std::string code;
      std::string message;
      bool has_shape;
    };
    std::vector<row> rows{
        // RFC 6749
        {R"({"error":"invalid_client","error_description":"wrong"})", "invalid_client", "wrong",
         true},
        {R"({"error":"invalid_grant"})", "invalid_grant", "", true},
        {R"({"error_description":"only words"})", "", "only words", true},
        // Wix
        {R"({"message":"m","details":{"applicationError":{"code":"C","description":"d"}}})", "C",
         "m", true},
        {R"({"message":"app not found in any meta-site","details":{}})", "",
         "app not found in any meta-site", true},
        {R"({"message":"","details":{"applicationError":{"code":"C"}}})", "C", "", true},
        {R"({"message":"","details":{"validationError":{"fieldViolations":[]}}})", "", "", true},
        {R"({"details":{"validationError":{}}})", "", "", true},
        // a third field for the message (U-29)
        {R"({"errorDescription":"[business] - invalid_token"})", "invalid_token",
         "[business] - invalid_token", true},
        // whose last word behind a dash is a code (U-110), if it is one word and nothing else says
        {R"({"errorDescription":"a - b - c_1"})", "c_1", "a - b - c_1", true},
        {R"({"errorDescription":"a - two words"})", "", "a - two words", true},
        {R"({"errorDescription":"invalid_token"})", "", "invalid_token", true},
        {R"({"errorDescription":"a -invalid_token"})", "", "a -invalid_token", true},
        {R"({"errorDescription":"a - "})", "", "a - ", true},
        {R"({"errorDescription":"a - 404"})", "", "a - 404", true},
        {R"({"errorDescription":"a - caf\u00e9"})", "", "a - caf\xc3\xa9", true},
        {R"({"error":"e","errorDescription":"a - b"})", "e", "a - b", true},
        {R"({"message":"m - b"})", "", "m - b", true},
        // the first that says something wins
        {R"({"error":"a","details":{"applicationError":{"code":"b"}}})", "a", "", true},
        {R"({"error":"","details":{"applicationError":{"code":"b"}}})", "b", "", true},
        {R"({"error_description":"x","message":"y","errorDescription":"z"})", "", "x", true},
        {R"({"error_description":"","message":"y","errorDescription":"z"})", "", "y", true},
        {R"({"message":null,"errorDescription":"z"})", "", "z", true},
        // empty by design (U-46), or foreign
        {R"({"message":"","details":{}})", "", "", false},
        {R"({})", "", "", false},
        {R"({"status":"nok","reason":"because"})", "", "", false},
        {R"({"error":{"code":1},"message":["m"]})", "", "", false},
        {R"({"error":42,"message":true})", "", "", false},
        {R"({"details":"text"})", "", "", false},
        {R"({"details":{"validationError":null,"applicationError":"x"}})", "", "", false},
        {R"({"details":{"applicationError":{"code":7}}})", "", "", false},
    };
    std::string const longest(64, 'c');
    rows.push_back(
        {R"({"errorDescription":"a - )" + longest + R"("})", longest, "a - " + longest, true});
    rows.push_back(
        {R"({"errorDescription":"a - )" + longest + R"(c"})", "", "a - " + longest + "c", true});
    for (auto const& row : rows) {
      CAPTURE(row.body);
      auto const body = wix::parse_object(row.body);
      REQUIRE(body.has_value());
      auto const read = wix::read_error(*body);
      CHECK(std::string{read.code} == row.code);
      CHECK(std::string{read.message} == row.message);
      CHECK(read.has_shape == row.has_shape);
    }
  }
}
