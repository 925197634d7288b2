#include "emulator/settings.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend::emulator;

namespace {

std::string refusal_of(std::string const& text) {
  auto const changed = changed_settings(settings{}, text);
  return changed.has_value() ? "(accepted)" : changed.error().why;
}

}  // namespace

TEST_SUITE("emulator.settings") {
  TEST_CASE("the defaults are what the upstream is believed to do") {
    settings const usual;
    CHECK(usual.expires_in == 14400);
    CHECK(usual.legacy_expires_in == 300);
    CHECK(usual.bad_secret_status == 401);
    CHECK(usual.removed_instance_status == 404);
    CHECK(usual.inactive_token_status == 200);
    CHECK(usual.token_info_types == info_types::mixed);
    CHECK(usual.rate_limit_per_minute == 0);
    CHECK_FALSE(usual.revoke_on_uninstall);
    CHECK_FALSE(usual.instances_listed_only);
  }

  TEST_CASE("a change touches the named settings only") {
    auto const once = changed_settings(settings{}, R"({"expires_in":20})");
    REQUIRE(once.has_value());
    auto expected = settings{};
    expected.expires_in = 20;
    CHECK(*once == expected);

    auto const twice = changed_settings(
        *once, R"({"token_info_types":"native","revoke_on_uninstall":true,"token_size":1500,)"
               R"("bad_secret_status":400,"removed_instance_status":401,"latency_ms_min":5,)"
               R"("latency_ms_max":5})");
    REQUIRE(twice.has_value());
    expected.token_info_types = info_types::native;
    expected.revoke_on_uninstall = true;
    expected.token_size = 1500;
    expected.bad_secret_status = 400;
    expected.removed_instance_status = 401;
    expected.latency_ms_min = expected.latency_ms_max = 5;
    CHECK(*twice == expected);
  }

  TEST_CASE("what is shown can be sent back") {
    settings odd;
    odd.expires_in = 7;
    odd.inactive_token_status = 400;
    odd.token_info_types = info_types::strings;
    odd.send_date = false;
    odd.instances_listed_only = true;
    odd.idle_close_seconds = 2;
    auto const back = changed_settings(settings{}, to_json(odd));
    REQUIRE(back.has_value());
    CHECK(*back == odd);
  }

  TEST_CASE("numbers out of range or of the wrong type are refused by name") {
    for (auto const* const text :
         {R"({"expires_in":0})", R"({"expires_in":-5})", R"({"expires_in":1.5})",
          R"({"expires_in":"20"})", R"({"expires_in":null})", R"({"expires_in":315360001})",
          R"({"expires_in":99999999999999999999})"}) {
      CAPTURE(std::string{text});
      CHECK(refusal_of(text) == "\"expires_in\" must be a whole number from 1 to 315360000");
    }
    CHECK(refusal_of(R"({"token_size":639})") ==
          "\"token_size\" must be a whole number from 640 to 1500");
    CHECK(refusal_of(R"({"token_size":1501})") ==
          "\"token_size\" must be a whole number from 640 to 1500");
  }

  TEST_CASE("choices and flags take their own values only") {
    CHECK(refusal_of(R"({"bad_secret_status":403})") == "\"bad_secret_status\" must be 401 or 400");
    CHECK(refusal_of(R"({"removed_instance_status":410})") ==
          "\"removed_instance_status\" must be 404 or 400 or 401");
    CHECK(refusal_of(R"({"inactive_token_status":"200"})") ==
          "\"inactive_token_status\" must be 200 or 400");
    CHECK(refusal_of(R"({"token_info_types":"numbers"})") ==
          R"("token_info_types" must be "mixed", "native" or "strings")");
    CHECK(refusal_of(R"({"token_info_types":1})") ==
          R"("token_info_types" must be "mixed", "native" or "strings")");
    CHECK(refusal_of(R"({"send_date":1})") == "\"send_date\" must be true or false");
  }

  TEST_CASE("unknown names, other JSON and no JSON are refused, and then nothing is changed") {
    CHECK(refusal_of(R"({"expires":1})") == "\"expires\" is not a setting");
    CHECK(refusal_of("[]") == "settings are a JSON object");
    CHECK(refusal_of("{") == "settings are a JSON object");
    CHECK(refusal_of("") == "settings are a JSON object");
    CHECK(refusal_of(R"({"expires_in":20,"nonsense":1})") == "\"nonsense\" is not a setting");
  }

  TEST_CASE("the least latency cannot exceed the greatest") {
    CHECK(refusal_of(R"({"latency_ms_min":10})") ==
          "\"latency_ms_min\" must not exceed \"latency_ms_max\"");
    CHECK(refusal_of(R"({"latency_ms_min":10,"latency_ms_max":10})") == "(accepted)");
  }
}
