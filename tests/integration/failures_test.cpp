#include "integration/world.hpp"

#include <boost/json/object.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <string>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

// Reads until the token's usable end and beyond: served to the last, and not after.
void check_served_to_its_end(world& w, unsigned instance) {
  auto const first = w.warm_token(instance);
  auto const usable_until = number_of(first, "expires_at");
  bool ended = false;
  REQUIRE(eventually(
      [&] {
        auto const now = std::chrono::duration_cast<std::chrono::seconds>(
                             std::chrono::system_clock::now().time_since_epoch())
                             .count();
        auto const answer = w.token(instance, "?wait=0");
        if (answer.status == 200) {
          REQUIRE(number_of(parse(answer), "expires_in") >= 0);
          REQUIRE(now <= usable_until + 1);
          REQUIRE_FALSE(ended);
        } else {
          REQUIRE((answer.status == 503 || answer.status == 504));
          REQUIRE(now >= usable_until - 1);
          ended = true;
        }
        return ended && now > usable_until + 1;
      },
      40s));
}

void check_refused_upstream(world_options const& options, std::string const& reason) {
  world w{options};
  auto const answer = w.token(1, "?wait=2");
  CHECK(answer.status == 503);
  CHECK_MESSAGE(answer.body.find(reason) != std::string::npos, answer.body);
  CHECK_FALSE(parse(answer).get_object().contains("access_token"));
  CHECK_MESSAGE(w.daemon().errors().find(reason) != std::string::npos, w.daemon().errors());
  CHECK(w.mints() == 0);
}

}  // namespace

TEST_SUITE("integration.failures") {
  TEST_CASE("a certificate of an unknown authority fails with a clear message and no token") {
    world_options options;
    options.certificate = "untrusted";
    check_refused_upstream(options, "certificate");
  }

  TEST_CASE("a certificate for another host fails with a clear message and no token") {
    world_options options;
    options.certificate = "wrong-host";
    check_refused_upstream(options, "ostname mismatch");
  }

  TEST_CASE("an expired certificate fails with a clear message and no token") {
    world_options options;
    options.certificate = "expired";
    check_refused_upstream(options, "expired");
  }

  TEST_CASE("the system's store does not trust the emulator") {
    world_options options;
    options.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    check_refused_upstream(options, "certificate");
  }

  TEST_CASE("the upstream dies: usable tokens are served to their end, and it recovers") {
    world_options options;
    options.expires_in = 20;
    options.plain_http = true;  // over TLS the emulator would come back with another authority
    options.instances = {instance_text(1)};
    world w{options};
    w.warm_token(1);
    w.emulator().signal(SIGKILL);
    w.emulator().wait();
    check_served_to_its_end(w, 1);
    auto const down = w.token(1, "?wait=0");
    CHECK(down.body.find("connect") != std::string::npos);
    w.start_emulator();
    CHECK(w.token(1, "?wait=20").status == 200);
  }

  TEST_CASE("the upstream hangs: usable tokens are served to their end") {
    world_options options;
    options.expires_in = 20;
    world w{options};
    w.warm_token(1);
    w.script(R"({"route":"token","kind":"hang"})");
    check_served_to_its_end(w, 1);
    auto const waiting = w.token(1, "?wait=1");
    CHECK((waiting.status == 504 || waiting.status == 503));
    w.script("");
    CHECK(w.token(1, "?wait=30").status == 200);
  }

  TEST_CASE("the upstream answers garbage of every kind: none of it is handed out") {
    world_options options;
    options.expires_in = 20;
    world w{options};
    w.warm_token(1);
    for (auto const* fault :
         {R"({"route":"token","kind":"error","status":200,"shape":"html"})",
          R"({"route":"token","kind":"error","status":200,"shape":"empty"})",
          R"({"route":"token","kind":"error","status":200,"shape":"raw","body":"[1,2"})",
          R"({"route":"token","kind":"reply","remove":["access_token"]})",
          R"({"route":"token","kind":"reply","set":{"access_token":""}})",
          R"({"route":"token","kind":"reply","set":{"access_token":"a\nb"}})",
          R"({"route":"token","kind":"reply","set":{"access_token":17}})",
          R"({"route":"token","kind":"reply","set":{"expires_in":0}})",
          R"({"route":"token","kind":"reply","set":{"expires_in":"soon"}})",
          R"({"route":"token","kind":"reply","other_instance":true})",
          R"({"route":"token","kind":"reply","status":201})", R"({"route":"token","kind":"reset"})",
          R"({"route":"token","kind":"close"})",
          R"({"route":"token","kind":"error","status":302,"shape":"empty"})",
          R"({"route":"token","kind":"error","status":503,"shape":"html"})"}) {
      w.script(fault);
      auto const cold = w.token(2, "?wait=1");
      CHECK_MESSAGE(cold.status == 503, fault << ": " << cold.body);
      CHECK_FALSE(parse(cold).get_object().contains("access_token"));
    }
    w.script("");
    CHECK(w.token(2, "?wait=15").status == 200);
    auto const view = parse(w.call("GET", "/v1/instances/" + instance_text(2)));
    CHECK(text(member(view, "last_error"), "class") == "transient");
  }

  TEST_CASE("odd but usable lives are obeyed") {
    world w;
    w.script(R"({"route":"token","kind":"reply","set":{"expires_in":"1000"},"times":1})");
    auto const as_text = w.warm_token(1);
    CHECK(number_of(as_text, "expires_in") <= 990);
    CHECK(number_of(as_text, "expires_in") > 960);
    w.script(R"({"route":"token","kind":"reply","remove":["expires_in"],"times":1})");
    auto const assumed = w.warm_token(2);
    CHECK(number_of(assumed, "expires_in") <= 270);
    CHECK(number_of(assumed, "expires_in") > 240);
    auto const view = parse(w.call("GET", "/v1/instances/" + instance_text(2)));
    CHECK(member(view, "life_assumed").as_bool());
  }

  TEST_CASE("nothing goes out against Retry-After") {
    world w;
    w.script(R"({"route":"token","kind":"error","status":429,"retry_after":"3","times":1})");
    auto const early = w.token(1, "?wait=1");
    CHECK(early.status == 503);
    auto const start = std::chrono::steady_clock::now();
    CHECK(w.token(1, "?wait=20").status == 200);
    CHECK(std::chrono::steady_clock::now() - start > 1500ms);
    auto const seen = w.control("GET", "arrivals?route=token&window_ms=2500");
    CHECK(number_of(seen, "count") == 2);
    CHECK(number_of(seen, "most_in_window") == 1);
  }

  TEST_CASE("a removed instance is refused at once, and comes back with a retry") {
    world w;
    w.control("POST", "instances/" + instance_text(1) + "/remove");
    auto const refused = w.token(1, "?wait=20");
    CHECK(refused.status == 404);
    auto const requests = [&] {
      return number_of(w.control("GET", "instances/" + instance_text(1)), "requests");
    };
    auto const asked = requests();
    for (int i = 0; i < 20; ++i) CHECK(w.token(1).status == 404);
    CHECK(requests() == asked);  // remembered, not asked again
    w.control("POST", "instances/" + instance_text(1) + "/install");
    CHECK(w.call("POST", "/v1/instances/" + instance_text(1) + "/retry").status == 202);
    CHECK(w.token(1, "?wait=10").status == 200);
  }

  TEST_CASE("a wrong app secret makes the daemon unready and says why, without a storm") {
    world_options options;
    options.secret = "not-the-apps-secret-0123456789";
    for (unsigned n = 1; n <= 20; ++n) options.instances.push_back(instance_text(n));
    world w{options};
    REQUIRE(eventually([&] { return w.token(1, "?wait=1").status == 502; }));
    auto const refused = w.token(2, "?wait=5");
    CHECK(refused.status == 502);
    CHECK(text(member(parse(refused), "upstream"), "code") == "invalid_client");
    auto const ready = w.call("GET", "/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.body.find("main") != std::string::npos);
    CHECK(w.call("GET", "/healthz").status == 200);
    CHECK(number_of(w.control("GET", "arrivals?route=token"), "count") <= 20);
  }

  TEST_CASE("an instance's own limit at the upstream does not stop the others") {
    world w;
    w.warm_token(2);
    w.script(R"({"route":"token","instance":")" + instance_text(1) +
             R"(","kind":"error","status":429,"retry_after":"60"})");
    CHECK(w.token(1, "?wait=1").status == 503);
    CHECK(w.token(3, "?wait=10").status == 200);
  }
}
