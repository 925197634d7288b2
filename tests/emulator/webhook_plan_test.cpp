#include "emulator/webhook_plan.hpp"

#include "base/base64url.hpp"
#include "emulator/emulator_world.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::emulator;
using namespace std::chrono_literals;
using test::app_a;
using test::app_b;
using test::emulator_world;
using test::instance_1;
using test::instance_2;
using test::noon;
namespace json = boost::json;

namespace {

std::int64_t const noon_seconds =
    std::chrono::floor<std::chrono::seconds>(noon.time_since_epoch()).count();

std::vector<webhook_delivery> planned(emulator_world& w, json::value const& body) {
  auto made = plan_webhooks(w.state, json::serialize(body), noon);
  REQUIRE(made.has_value());
  return *std::move(made);
}

json::object payload_of(webhook_delivery const& one) {
  auto const first = one.jwt.find('.');
  auto const last = one.jwt.rfind('.');
  auto const text = base64url_decode(one.jwt.substr(first + 1, last - first - 1)).value();
  return json::parse(text).as_object();
}

// JSON in a string.
json::object within(json::object const& outer, std::string_view name) {
  return json::parse(std::string_view{outer.at(name).as_string()}).as_object();
}

std::string events_of(std::vector<webhook_delivery> const& made) {
  std::string text;
  for (auto const& one : made) text += one.event + " ";
  return text;
}

// The time of a retry's arrival, by the schedule.
std::chrono::milliseconds after(std::size_t retries) {
  std::chrono::milliseconds sum{};
  for (std::size_t i = 0; i < retries; ++i) sum += webhook_retries.at(i);
  return sum;
}

}  // namespace

TEST_SUITE("emulator.webhook_plan") {
  TEST_CASE("a webhook has the documented envelope: JSON in strings, twice (U-68, U-69)") {
    emulator_world w;
    auto const made = planned(w, {{"event", "AppInstalled"}, {"instance", instance_1}});
    REQUIRE(made.size() == 1);
    CHECK(made[0].event == "AppInstalled");
    CHECK(made[0].app == app_a);
    CHECK(made[0].instance.to_string() == instance_1);
    CHECK(made[0].due == 0ms);
    CHECK(made[0].retry == 0);

    auto const payload = payload_of(made[0]);
    CHECK(payload.size() == 3);
    CHECK(payload.at("iat") == noon_seconds);
    CHECK(payload.at("exp") == noon_seconds + 3600);
    auto const data = within(payload, "data");
    CHECK(data.at("instanceId") == json::value(instance_1));
    CHECK(data.at("eventType") == json::value("AppInstalled"));
    CHECK(within(data, "data").at("appId") == json::value(app_a));
    CHECK(within(data, "identity").at("identityType") == json::value("WIX_USER"));
  }

  TEST_CASE("exp may be moved or left out, and the payload may name another app") {
    emulator_world w;
    json::object body{{"event", "AppRemoved"}, {"instance", instance_1}, {"app", app_b}};
    body["exp_seconds"] = -61;
    body["payload_app"] = app_a;
    auto const moved = planned(w, body);
    CHECK(payload_of(moved[0]).at("exp") == noon_seconds - 61);
    CHECK(moved[0].app == app_b);
    CHECK(within(within(payload_of(moved[0]), "data"), "data").at("appId") == json::value(app_a));
    body["exp_seconds"] = nullptr;
    CHECK_FALSE(payload_of(planned(w, body)[0]).contains("exp"));
  }

  TEST_CASE("a retry comes by the documented schedule, scaled (U-70)") {
    CHECK(after(webhook_retries.size()) == 47h + 11min);
    emulator_world w;
    json::array const events{
        json::object{{"event", "AppRemoved"}, {"instance", instance_1}, {"retry", 3}},
        json::object{{"event", "AppInstalled"}, {"instance", instance_1}},
        json::object{{"event", "Other"}, {"instance", instance_2}, {"retry", 12}}};
    json::object body{{"events", events}};
    auto const at_once = planned(w, body);
    CHECK(events_of(at_once) == "AppInstalled AppRemoved Other ");
    for (auto const& one : at_once) CHECK(one.due == 0ms);

    body["scale"] = 0.001;
    auto const scaled = planned(w, body);
    CHECK(events_of(scaled) == "AppInstalled AppRemoved Other ");
    CHECK(scaled[0].due == 0ms);
    CHECK(scaled[1].due == after(3) / 1000);
    CHECK(scaled[2].due == after(12) / 1000);
    CHECK(scaled[1].retry == 3);
  }

  TEST_CASE("a retry is signed anew, or carries what was signed at first (U-96)") {
    emulator_world w;
    json::object body{{"event", "AppRemoved"}, {"instance", instance_1}, {"retry", 2}};
    CHECK(payload_of(planned(w, body)[0]).at("iat") == noon_seconds);
    body["fresh_exp"] = false;
    auto const old = payload_of(planned(w, body)[0]);
    CHECK(old.at("iat") == noon_seconds - 660);
    CHECK(old.at("exp") == noon_seconds - 660 + 3600);
    body["scale"] = 1;
    CHECK(payload_of(planned(w, body)[0]).at("iat") == noon_seconds);
    body["fresh_exp"] = true;
    CHECK(payload_of(planned(w, body)[0]).at("iat") == noon_seconds + 660);
  }

  TEST_CASE("deliveries are doubled, and come in another order") {
    emulator_world w;
    json::array const events{json::object{{"event", "A"}, {"instance", instance_1}},
                             json::object{{"event", "B"}, {"instance", instance_1}, {"retry", 1}}};
    json::object body{{"events", events}, {"duplicates", 2}, {"scale", 1}};
    auto const sent = planned(w, body);
    CHECK(events_of(sent) == "A A A B B B ");
    CHECK(sent[0].jwt == sent[2].jwt);
    body["order"] = "reversed";
    auto const reversed = planned(w, body);
    CHECK(events_of(reversed) == "B B B A A A ");
    CHECK(reversed[0].due == 0ms);  // the moments stay
    CHECK(reversed[5].due == 1min);

    body["order"] = "shuffled";
    body["duplicates"] = 10;
    auto const shuffled = events_of(planned(w, body));
    CHECK(std::ranges::count(shuffled, 'A') == 11);
    CHECK(std::ranges::count(shuffled, 'B') == 11);
    CHECK(shuffled != events_of(planned(w, body)));
    emulator_world same;
    CHECK(events_of(planned(same, body)) == shuffled);
  }

  TEST_CASE("a webhook only tells, unless it is to be applied") {
    emulator_world w;
    json::object body{{"event", "AppRemoved"}, {"instance", instance_1}};
    planned(w, body);
    CHECK(w.mint(instance_1).status == 200);
    body["apply"] = true;
    planned(w, body);
    CHECK(w.mint(instance_1).status == 404);
    body["event"] = "AppInstalled";
    planned(w, body);
    CHECK(w.mint(instance_1).status == 200);
    body["event"] = "PaidPlanPurchased";
    planned(w, body);
    CHECK(w.mint(instance_1).status == 200);
  }

  TEST_CASE("what cannot be planned is refused, and names the member at fault") {
    emulator_world w;
    auto const why = [&](std::string const& text) {
      auto const made = plan_webhooks(w.state, text, noon);
      REQUIRE(made.has_error());
      return made.error().why;
    };
    struct row {
      std::string more;  // members after a good event
      std::string says;
    };
    std::string const good = R"({"event":"A","instance":")" + instance_1 + "\"";
    for (auto const& row : std::vector<row>{{R"("app":"x")", "\"app\""},
                                            {R"("app":")" + instance_1 + "\"", "\"app\""},
                                            {R"("instance":"x")", "\"instance\""},
                                            {R"("event":"")", "\"event\""},
                                            {R"("event":7)", "\"event\""},
                                            {R"("retry":13)", "\"retry\""},
                                            {R"("retry":-1)", "\"retry\""},
                                            {R"("duplicates":11)", "\"duplicates\""},
                                            {R"("order":"random")", "\"order\""},
                                            {R"("scale":1.5)", "\"scale\""},
                                            {R"("scale":"1")", "\"scale\""},
                                            {R"("exp_seconds":"1")", "\"exp_seconds\""},
                                            {R"("fresh_exp":1)", "\"fresh_exp\""},
                                            {R"("apply":"yes")", "\"apply\""},
                                            {R"("signature":"ES256")", "\"signature\""},
                                            {R"("payload_app":1)", "\"payload_app\""},
                                            {R"("unknown":1)", "\"unknown\""},
                                            {R"("events":[])", "\"event\""}}) {
      CAPTURE(row.more);
      CHECK(why(good + "," + row.more + "}").starts_with(row.says));
    }
    for (auto const* const text : {"", "[]", "{"}) {
      CHECK(why(text) == "webhooks are a JSON object");
    }
    CHECK(why("{}").starts_with("\"instance\""));
    CHECK(why(R"({"events":7})").starts_with("\"events\""));
    CHECK(why(R"({"events":[]})").starts_with("\"events\""));
    CHECK(why(R"({"events":[7]})").starts_with("\"events\""));
    CHECK(why(R"({"events":[{"order":"sent"}]})").starts_with("\"order\""));
    std::string many = good + "}";
    for (std::size_t i = 0; i < webhook_events_max; ++i) many += "," + good + "}";
    CHECK(why(R"({"events":[)" + many + "]}").starts_with("\"events\""));
  }
}
