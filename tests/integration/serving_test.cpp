#include "integration/world.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <string>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string get_token_request(unsigned instance, std::string const& query) {
  return "GET /v1/instances/" + instance_text(instance) + "/token" + query +
         " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace

TEST_SUITE("integration.serving") {
  TEST_CASE("a token minted over TLS is served over the socket and accepted by the API") {
    world w;
    auto const first = w.token(1, "?wait=20");
    REQUIRE(first.status == 200);
    CHECK(first.header("x-cache") == "MISS");
    CHECK(first.header("cache-control") == "no-store");
    auto const body = parse(first);
    auto const token = text(body, "access_token");
    CHECK(token.starts_with("OauthNG.JWS."));
    CHECK(text(body, "token_type") == "Bearer");
    CHECK(text(body, "instance_id") == instance_text(1));
    CHECK(number_of(body, "expires_in") <= 14'400 - 60);
    CHECK(number_of(body, "expires_in") > 14'400 - 60 - 30);
    CHECK(number_of(body, "upstream_expires_at") - number_of(body, "expires_at") == 60);
    CHECK(number_of(body, "refresh_at") > unix_now() + 600);  // a first one is spread over the life
    CHECK(first.header("etag") == "\"" + std::to_string(number_of(body, "generation")) + "\"");

    auto const second = w.token(1);
    CHECK(second.header("x-cache") == "HIT");
    CHECK(text(parse(second), "access_token") == token);
    auto const plain = w.token(1, "", "Accept: text/plain\r\n");
    CHECK(plain.body == token);
    CHECK(w.mints(1) == 1);

    auto api = raw_client::tcp(w.http_port());
    for (auto const* prefix : {"", "Bearer "}) {
      auto const answer = api.request("GET", "/apps/v1/instance", {},
                                      "Authorization: " + (prefix + token) + "\r\n");
      CHECK(answer.status == 200);
    }
  }

  TEST_CASE("two hundred concurrent cold readers cause exactly one mint") {
    world w;
    w.script(R"({"route":"token","delay_ms":300,"times":1})");
    std::vector<raw_client> readers;
    for (int i = 0; i < 200; ++i) readers.push_back(w.connect());
    for (auto& reader : readers) REQUIRE(reader.send(get_token_request(7, "?wait=20")));
    std::string token;
    for (auto& reader : readers) {
      auto const answer = reader.receive();
      REQUIRE_MESSAGE(answer.status == 200, answer.body);
      auto const got = text(parse(answer), "access_token");
      w.remember_secret(got);
      if (token.empty()) token = got;
      CHECK(got == token);
    }
    CHECK(w.mints(7) == 1);
  }

  TEST_CASE("with a failing upstream readers share attempts and end with their own wait") {
    world w;
    w.script(R"({"route":"token","kind":"error","status":500,"shape":"wix"})");
    std::vector<raw_client> readers;
    auto const start = std::chrono::steady_clock::now();
    for (int i = 0; i < 60; ++i) {
      readers.push_back(w.connect());
      REQUIRE(readers.back().send(get_token_request(7, "?wait=" + std::to_string(1 + i / 20))));
    }
    for (std::size_t i = 0; i < readers.size(); ++i) {
      auto const answer = readers[i].receive();
      auto const took = std::chrono::steady_clock::now() - start;
      CHECK(answer.status == 503);
      CHECK_FALSE(answer.header("retry-after").empty());
      auto const body = parse(answer);
      CHECK(number_of(member(body, "upstream"), "status") == 500);
      if (i % 20 == 19) {  // the last of each group: no earlier than its wait, and soon after it
        CHECK(took >= std::chrono::seconds{1 + i / 20});
        CHECK(took < std::chrono::seconds{1 + i / 20} + 900ms);
      }
    }
    auto const counters = w.control("GET", "instances/" + instance_text(7));
    CHECK(number_of(counters, "requests") <= 6);  // after 0, 0.1, 0.4, 1.3, 2.3 s
    CHECK(number_of(counters, "mints") == 0);
  }

  TEST_CASE("twenty-second tokens for a minute: no error, no token near its end, new ones come") {
    world_options options;
    options.expires_in = 20;
    options.instances = {instance_text(3)};
    world w{options};
    w.warm_token(3);
    auto client = w.connect();
    std::int64_t last = 0;
    unsigned generations = 0;
    unsigned long reads = 0;
    auto const end = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < end) {
      auto const before = unix_now();
      REQUIRE(client.send(get_token_request(3, "")));
      auto const answer = client.receive();
      REQUIRE_MESSAGE(answer.status == 200, answer.body);
      auto const body = parse(answer);
      // A quarter of 20 s is kept off; whole seconds are lost on both sides.
      REQUIRE(number_of(body, "upstream_expires_at") - before >= 4);
      REQUIRE(number_of(body, "generation") >= last);
      if (number_of(body, "generation") != last) {
        last = number_of(body, "generation");
        ++generations;
        w.remember_secret(text(body, "access_token"));
      }
      ++reads;
    }
    CHECK(generations >= 5);  // a refresh every 9 to 11 s
    CHECK(generations <= 8);
    CHECK(reads > 1'000);
    CHECK(w.mints(3) == generations);
  }

  TEST_CASE("mass registration stays within rate and burst") {
    world_options options;
    options.app_settings = "requests_per_second_max = 40\nrequests_per_second = 40";
    for (unsigned n = 1; n <= 200; ++n) options.instances.push_back(instance_text(n));
    world w{options};
    REQUIRE(eventually([&] { return w.mints() >= 200; }, 30s));
    for (int const window_ms : {100, 1'000, 2'000}) {
      auto const seen =
          w.control("GET", "arrivals?route=token&window_ms=" + std::to_string(window_ms));
      // Arrival times carry the network's jitter: a tenth of a second more is granted.
      auto const allowed = 40 * (window_ms + 100) / 1'000 + 40;
      CHECK(number_of(seen, "most_in_window") <= allowed);
    }
    auto const ready = w.call("GET", "/readyz");
    CHECK(ready.status == 200);
  }

  TEST_CASE("a rejected token is replaced once for everybody") {
    world w;
    auto const old = w.warm_token(1);
    auto const generation = std::to_string(number_of(old, "generation"));
    auto const target = "/v1/instances/" + instance_text(1) + "/token/reject?wait=10";
    auto const json_type = std::string{"Content-Type: application/json\r\n"};
    for (int i = 0; i < 5; ++i) {
      auto const answer = w.call("POST", target, "{\"generation\":" + generation + "}", json_type);
      REQUIRE_MESSAGE(answer.status == 200, answer.body);
      auto const fresh = text(parse(answer), "access_token");
      w.remember_secret(fresh);
      CHECK(fresh != text(old, "access_token"));
    }
    CHECK(w.mints(1) == 2);
    auto const by_token = w.call(
        "POST", target, "{\"access_token\":\"" + text(old, "access_token") + "\"}", json_type);
    CHECK(by_token.status == 200);
    CHECK(w.mints(1) == 2);
    auto const current = std::to_string(number_of(w.warm_token(1), "generation"));
    auto const held = w.call("POST", target, "{\"generation\":" + current + "}", json_type);
    CHECK(held.status == 429);
    CHECK_FALSE(held.header("retry-after").empty());
  }

  TEST_CASE("instances are registered, viewed, listed, dropped and removed over the API") {
    world w;
    auto const path = "/v1/instances/" + instance_text(5);
    CHECK(w.call("GET", path).status == 404);
    auto const json_type = std::string{"Content-Type: application/json\r\n"};
    auto const created = w.call("PUT", path, "{}", json_type);
    CHECK(created.status == 201);
    CHECK(member(parse(created), "durable").as_bool() == false);
    CHECK(w.call("PUT", path, "{}", json_type).status == 200);
    w.warm_token(5);
    auto const view = parse(w.call("GET", path));
    CHECK(text(view, "state") == "warm");
    CHECK(text(view, "grant") == "client_credentials");
    auto const list = parse(w.call("GET", "/v1/instances?state=warm&limit=10"));
    CHECK(member(list, "instances").as_array().size() == 1);
    CHECK(w.call("DELETE", path + "/token").status / 100 == 2);
    REQUIRE(eventually([&] { return w.mints(5) == 2; }));
    auto const info = parse(w.call("POST", path + "/token-info"));
    CHECK(member(info, "active").as_bool());
    CHECK(w.call("DELETE", path).status == 204);
    CHECK(w.call("GET", path).status == 404);
    CHECK(w.call("DELETE", path).status == 404);
  }

  TEST_CASE("the drop-in endpoint speaks Wix: JSON and form, both casings") {
    world w;
    auto const id = std::string{app_id};
    auto const json_type = std::string{"Content-Type: application/json\r\n"};
    auto const form_type = std::string{"Content-Type: application/x-www-form-urlencoded\r\n"};
    std::vector<std::pair<std::string, std::string>> const bodies{
        {"{\"grant_type\":\"client_credentials\",\"client_id\":\"" + id + "\",\"instance_id\":\"" +
             instance_text(1) + "\"}",
         json_type},
        {"{\"grantType\":\"client_credentials\",\"clientId\":\"" + id +
             "\",\"clientSecret\":\"any\",\"instanceId\":\"" + instance_text(1) + "\"}",
         json_type},
        {"grant_type=client_credentials&client_id=" + id + "&instance_id=" + instance_text(1),
         form_type}};
    for (auto const& [body, type] : bodies) {
      auto const answer = w.call("POST", "/oauth2/token", body, type);
      REQUIRE_MESSAGE(answer.status == 200, answer.body);
      auto const token = parse(answer);
      w.remember_secret(text(token, "access_token"));
      CHECK(text(token, "token_type") == "Bearer");
      CHECK(number_of(token, "expires_in") == 300);
    }
    CHECK(w.mints(1) == 1);
    auto const unknown =
        w.call("POST", "/oauth2/token",
               "{\"grant_type\":\"client_credentials\",\"client_id\":\"" + instance_text(9) +
                   "\",\"instance_id\":\"" + instance_text(1) + "\"}",
               json_type);
    CHECK(unknown.status == 401);
    CHECK(text(parse(unknown), "error") == "invalid_client");
  }

  TEST_CASE("plain HTTP to loopback works when it is allowed") {
    world_options options;
    options.plain_http = true;
    options.host = "127.0.0.1";
    world w{options};
    w.warm_token(1);
    CHECK(w.mints(1) == 1);
  }

  TEST_CASE("the socket has the mode that was asked for") {
    world w;
    struct stat seen {};
    REQUIRE(::stat(w.socket().c_str(), &seen) == 0);
    CHECK((seen.st_mode & 07777U) == 0600U);
    CHECK(S_ISSOCK(seen.st_mode));
  }
}
