#include "wix/webhook_claims.hpp"

#include "support/wix_samples.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace wixtokend;
using service::webhook_event;
using service::webhook_refusal;
namespace json = boost::json;

namespace {

constexpr char const* our_app = "11111111-1111-4111-8111-1111111111aa";
constexpr char const* other_app = "99999999-9999-4999-8999-999999999999";

// What the two levels of `data` are written as.
enum class form { strings, objects };

json::value written(json::value const& value, form how) {
  return how == form::objects ? value : json::value(json::serialize(value));
}

std::string payload(json::value const& event, form how = form::strings) {
  json::object outer;
  outer["data"] = written(event, how);
  outer["iat"] = test::sample_now;
  outer["exp"] = test::sample_now + 600;
  return json::serialize(outer);
}

json::object event(std::string_view type, json::value const& inner,
                   std::string_view instance = test::sample_instance) {
  json::object made;
  made["eventType"] = type;
  made["instanceId"] = instance;
  made["data"] = inner;
  made["identity"] = R"({"identityType":"WIX_USER","wixUserId":"u"})";
  return made;
}

std::variant<wix::webhook_claims, webhook_refusal> read(std::string_view text) {
  return wix::read_webhook_claims(text, our_app);
}

// Why it is refused; nothing if it is not.
std::optional<webhook_refusal> refusal(std::string_view text) {
  auto const result = read(text);
  auto const* const refused = std::get_if<webhook_refusal>(&result);
  return refused == nullptr ? std::nullopt : std::optional{*refused};
}

}  // namespace

TEST_SUITE("wix.webhook_claims") {
  TEST_CASE("life-cycle events are read, each level a JSON string or an object (U-68, U-69)") {
    struct row {
      char const* type;
      webhook_event event;
    };
    for (auto const& row : std::vector<row>{{"AppInstalled", webhook_event::installed},
                                            {"AppRemoved", webhook_event::removed}}) {
      for (auto const outer : {form::strings, form::objects}) {
        for (auto const inner : {form::strings, form::objects}) {
          json::object named;
          named["appId"] = our_app;
          named["originInstanceId"] = test::other_instance;
          auto const result = read(payload(event(row.type, written(named, inner)), outer));
          REQUIRE(std::holds_alternative<wix::webhook_claims>(result));
          auto const& claims = std::get<wix::webhook_claims>(result);
          CHECK(claims.content.event == row.event);
          CHECK(claims.content.instance.to_string() == test::sample_instance);
          CHECK(claims.expires_at == wall_time{std::chrono::seconds{test::sample_now + 600}});
        }
      }
    }
  }

  TEST_CASE("other events, and none, are of no concern, whatever else they say") {
    for (std::string const type : {"PaidPlanPurchased", "appinstalled", "AppInstalled ", ""}) {
      CAPTURE(type);
      for (auto const& inner : {json::value("not json"), json::value(7), json::value(nullptr)}) {
        auto const result = read(payload(event(type, inner)));
        REQUIRE(std::holds_alternative<wix::webhook_claims>(result));
        auto const& content = std::get<wix::webhook_claims>(result).content;
        CHECK(content.event == webhook_event::other);
        CHECK(content.instance.to_string() == test::sample_instance);
      }
    }
    for (auto const* const text : {R"({"data":{}})", R"({"data":""})", R"({"data":null})",
                                   R"({"data":{"eventType":7,"instanceId":"x"}})"}) {
      auto const result = read(text);
      REQUIRE(std::holds_alternative<wix::webhook_claims>(result));
      CHECK(std::get<wix::webhook_claims>(result).content.event == webhook_event::other);
      CHECK(std::get<wix::webhook_claims>(result).content.instance == instance_id{});
    }
  }

  TEST_CASE("the appId must be the app's own, if it is there") {
    auto const of = [](json::value const& inner) {
      return refusal(payload(event("AppRemoved", inner)));
    };
    auto const named = [](json::value const& app) {
      json::object inner;
      inner["appId"] = app;
      return json::value(json::serialize(inner));
    };
    CHECK_FALSE(of(named(our_app)).has_value());
    CHECK_FALSE(of(named("11111111-1111-4111-8111-1111111111AA")).has_value());
    CHECK_FALSE(of(named(nullptr)).has_value());
    for (auto const& absent : {json::value("{}"), json::value(""), json::value(nullptr)}) {
      CHECK_FALSE(of(absent).has_value());
    }
    CHECK(of(named(other_app)) == webhook_refusal::other_app);
    CHECK(of(named("")) == webhook_refusal::other_app);
    CHECK(of(named(7)) == webhook_refusal::malformed);
    for (auto const& bad : {json::value("not json"), json::value("[]"), json::value(7)}) {
      CHECK(of(bad) == webhook_refusal::malformed);
    }
  }

  TEST_CASE("an installation needs the GUID of an instance, and not the nil one") {
    for (std::string const instance :
         {"", "x", "00000000-0000-0000-0000-000000000000", "2d2f5d2e6f1a4c389e0b0d4c6a1b7e55"}) {
      CAPTURE(instance);
      CHECK(refusal(payload(event("AppInstalled", "{}", instance))) == webhook_refusal::malformed);
    }
    auto nameless = event("AppInstalled", "{}");
    nameless.erase("instanceId");
    CHECK(refusal(payload(nameless)) == webhook_refusal::malformed);
  }

  TEST_CASE("exp is a number or a numeric string, absent, or malformed (U-112)") {
    auto const end = [](std::string const& exp) {
      return read(R"({"data":"{}")" + (exp.empty() ? exp : ",\"exp\":" + exp) + "}");
    };
    for (auto const* const form : {"100", "\"100\"", "100.0", "100.9"}) {
      auto const result = end(form);
      REQUIRE(std::holds_alternative<wix::webhook_claims>(result));
      CHECK(std::get<wix::webhook_claims>(result).expires_at ==
            wall_time{std::chrono::seconds{100}});
    }
    for (auto const* const none : {"", "null"}) {
      auto const result = end(none);
      REQUIRE(std::holds_alternative<wix::webhook_claims>(result));
      CHECK_FALSE(std::get<wix::webhook_claims>(result).expires_at.has_value());
    }
    for (auto const* const bad : {"-1", "1e18", "true", "\"soon\"", "{}", "\"\""}) {
      CAPTURE(std::string{bad});
      auto const result = end(bad);
      REQUIRE(std::holds_alternative<webhook_refusal>(result));
      CHECK(std::get<webhook_refusal>(result) == webhook_refusal::malformed);
    }
  }

  TEST_CASE("what is no JSON of that form, or nested too deep, is malformed") {
    std::string deep;
    for (int i = 0; i < 1000; ++i) deep += R"({"data":)";
    std::string const nested = R"({"data":)" + std::string(40, '[') + std::string(40, ']') + "}";
    std::string const within = json::serialize(json::object{{"data", nested}});
    for (std::string const& text :
         {std::string{}, std::string{"null"}, std::string{"[]"}, std::string{"{}"},
          std::string{R"({"data":7})"}, std::string{R"({"data":"x"})"},
          std::string{R"({"data":[]})"}, std::string{R"({"data":"[]"})"}, deep, nested, within}) {
      CAPTURE(text.substr(0, 60));
      CHECK(refusal(text) == webhook_refusal::malformed);
    }
  }
}
