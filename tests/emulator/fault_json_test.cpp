#include "emulator/fault_json.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;

namespace {

fault read(std::string const& text) {
  auto const faults = parse_faults(text);
  REQUIRE(faults.has_value());
  REQUIRE(faults->size() == 1);
  return faults->front();
}

std::string refusal_of(std::string const& text) {
  auto const faults = parse_faults(text);
  return faults.has_value() ? "(accepted)" : faults.error().why;
}

}  // namespace

TEST_SUITE("emulator.fault_json") {
  TEST_CASE("an empty object is a fault that takes everything and changes nothing") {
    auto const what = read("{}");
    CHECK(what.kind == fault_kind::pass);
    CHECK(what.match.routes.all());
    CHECK_FALSE(what.match.app_id.has_value());
    CHECK_FALSE(what.match.instance.has_value());
    CHECK_FALSE(what.times.has_value());
    CHECK(what.delay == 0s);
  }

  TEST_CASE("the conditions are read") {
    auto const what =
        read(R"({"route":"token","app":"ABCDEFAB-1111-4111-8111-111111111111","times":3,)"
             R"("instance":"22222222-2222-4222-8222-00000000000A","delay_ms":1500})");
    CHECK(what.match.routes.count() == 1);
    CHECK(what.match.routes[static_cast<std::size_t>(route::token)]);
    CHECK(what.match.app_id == "abcdefab-1111-4111-8111-111111111111");
    CHECK(what.match.instance->to_string() == "22222222-2222-4222-8222-00000000000a");
    CHECK(what.times == 3U);
    CHECK(what.delay == 1500ms);
    CHECK_FALSE(read(R"({"times":"forever"})").times.has_value());
  }

  TEST_CASE("several routes, and the protected API as a whole, can be named") {
    auto const two = read(R"({"route":["token","access"]})").match.routes;
    CHECK(two.count() == 2);
    CHECK(two[static_cast<std::size_t>(route::access)]);
    auto const api = read(R"({"route":"api"})").match.routes;
    CHECK(api.count() == 2);
    CHECK(api[static_cast<std::size_t>(route::instance)]);
    CHECK(api[static_cast<std::size_t>(route::other)]);
  }

  TEST_CASE("the members of an error are read") {
    auto const what = read(
        R"({"kind":"error","status":429,"shape":"wix","code":"C","message":"M","retry_after":7,)"
        R"("content_type":"text/plain"})");
    CHECK(what.kind == fault_kind::error);
    CHECK(what.status == 429U);
    CHECK(what.shape == error_shape::wix);
    CHECK(what.code == "C");
    CHECK(what.message == "M");
    CHECK(what.retry_after == "7");
    CHECK(what.content_type == "text/plain");
    CHECK(read(R"({"kind":"error","retry_after":"Wed, 21 Oct 2026 07:28:00 GMT"})").retry_after ==
          "Wed, 21 Oct 2026 07:28:00 GMT");
    CHECK(read(R"({"kind":"error","shape":"raw","body":"{"})").body == "{");
  }

  TEST_CASE("every shape of an error is known by its name") {
    CHECK(read(R"({"kind":"error","shape":"rfc"})").shape == error_shape::rfc);
    CHECK(read(R"({"kind":"error","shape":"validation"})").shape == error_shape::validation);
    CHECK(read(R"({"kind":"error","shape":"legacy"})").shape == error_shape::legacy);
    CHECK(read(R"({"kind":"error","shape":"empty"})").shape == error_shape::empty);
    CHECK(read(R"({"kind":"error","shape":"html"})").shape == error_shape::html);
    CHECK(read(R"({"kind":"error","shape":"raw"})").shape == error_shape::raw);
  }

  TEST_CASE("the members of a changed reply are read, with any JSON as a value") {
    auto const what = read(
        R"({"kind":"reply","status":201,"set":{"expires_in":"soon","x":[1,{}],"y":null,)"
        R"("n":-1e300},)"
        R"("remove":["token_type"],"same_token":true,"other_instance":true,"token_size":20000})");
    CHECK(what.kind == fault_kind::reply);
    CHECK(what.status == 201U);
    REQUIRE(what.set.size() == 4);
    CHECK(what.set[0] == std::pair<std::string, std::string>{"expires_in", R"("soon")"});
    CHECK(what.set[1].second == "[1,{}]");
    CHECK(what.set[2].second == "null");
    CHECK(what.remove == std::vector<std::string>{"token_type"});
    CHECK(what.same_token);
    CHECK(what.other_instance);
    CHECK(what.token_size == 20000U);
  }

  TEST_CASE("how much goes out before a cut can be said") {
    CHECK(read(R"({"kind":"reset","after_bytes":0})").after_bytes == 0U);
    CHECK_FALSE(read(R"({"kind":"close"})").after_bytes.has_value());
    CHECK(read(R"({"kind":"hang","delay_ms":5})").kind == fault_kind::hang);
  }

  TEST_CASE("several faults come in an array, in their order") {
    auto const faults = parse_faults(R"([{"kind":"hang","times":1},{"kind":"error"}])");
    REQUIRE(faults.has_value());
    REQUIRE(faults->size() == 2);
    CHECK((*faults)[0].kind == fault_kind::hang);
    CHECK((*faults)[1].kind == fault_kind::error);
    CHECK(parse_faults("[]")->empty());
  }

  TEST_CASE("a member that is unknown, or not for the kind, is refused by name") {
    CHECK(refusal_of(R"({"instances":"x"})") == "\"instances\" is not a member of a fault");
    CHECK(refusal_of(R"({"status":500})") == "\"status\" is not for the kind \"pass\"");
    CHECK(refusal_of(R"({"kind":"hang","after_bytes":1})") ==
          "\"after_bytes\" is not for the kind \"hang\"");
    CHECK(refusal_of(R"({"kind":"error","set":{}})") == "\"set\" is not for the kind \"error\"");
    CHECK(refusal_of(R"([{},{"kind":"reply","shape":"rfc"}])") ==
          "\"shape\" is not for the kind \"reply\"");
  }

  TEST_CASE("values of the wrong type or out of range are refused") {
    for (auto const* const text : {R"({"kind":"explode"})",
                                   R"({"kind":5})",
                                   R"({"route":"tokens"})",
                                   R"({"route":[]})",
                                   R"({"route":5})",
                                   R"({"app":"x"})",
                                   R"({"instance":"x"})",
                                   R"({"instance":null})",
                                   R"({"times":0})",
                                   R"({"times":-1})",
                                   R"({"times":"often"})",
                                   R"({"times":1.5})",
                                   R"({"delay_ms":-1})",
                                   R"({"delay_ms":3600001})",
                                   R"({"kind":"error","status":100})",
                                   R"({"kind":"error","status":600})",
                                   R"({"kind":"error","shape":"xml"})",
                                   R"({"kind":"error","retry_after":"a\r\nb: c"})",
                                   R"({"kind":"error","retry_after":true})",
                                   R"({"kind":"reply","content_type":"a\nb"})",
                                   R"({"kind":"error","message":5})",
                                   R"({"kind":"reply","set":[]})",
                                   R"({"kind":"reply","remove":"x"})",
                                   R"({"kind":"reply","remove":[1]})",
                                   R"({"kind":"reply","same_token":1})",
                                   R"({"kind":"reply","token_size":639})",
                                   R"({"kind":"reply","token_size":65537})",
                                   R"({"kind":"reset","after_bytes":-1})",
                                   "5",
                                   "\"x\"",
                                   "[5]"}) {
      CAPTURE(std::string{text});
      CHECK(refusal_of(text) != "(accepted)");
    }
    CHECK(refusal_of("{").starts_with("this is not JSON"));
  }

  TEST_CASE("the script is shown with what is left of it") {
    fault_script script;
    auto const faults =
        parse_faults(R"([{"kind":"error","route":"token","times":2,)"
                     R"("instance":"22222222-2222-4222-8222-000000000001"},{"kind":"hang"}])");
    REQUIRE(faults.has_value());
    for (auto const& one : *faults) REQUIRE(script.add(one).has_value());
    auto const instance = instance_id::parse("22222222-2222-4222-8222-000000000001").value();
    REQUIRE(script.take({route::token, "", instance}) != nullptr);

    auto const shown = boost::json::parse(to_json(script)).as_array();
    REQUIRE(shown.size() == 2);
    CHECK(shown[0].at("id") == 1);
    CHECK(shown[0].at("kind") == "error");
    CHECK(shown[0].at("left") == 1);
    CHECK(shown[0].at("taken") == 1);
    CHECK(shown[0].at("route").as_array().size() == 1);
    CHECK(shown[1].at("left") == "forever");
    CHECK_FALSE(shown[1].as_object().contains("route"));
  }
}
