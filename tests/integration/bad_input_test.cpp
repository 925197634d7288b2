#include "integration/world.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>

using namespace wixtokend::test;
using namespace std::chrono_literals;

TEST_SUITE("integration.bad_input") {
  TEST_CASE("malformed requests get the documented answer and a connection that closes") {
    world w;
    auto const answer_to = [&](std::string const& bytes) {
      auto client = w.connect();
      client.send(bytes);
      auto answer = client.receive();
      CHECK(client.closed_within(10s));
      return answer;
    };
    CHECK(answer_to("nonsense\r\n\r\n").status == 400);
    CHECK(answer_to("GET /healthz HTTP/1.1\nHost: a\n\n").status == 400);
    CHECK(answer_to("GET /healthz HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n").status == 400);
    CHECK(answer_to("POST /oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                    "Content-Length: 6\r\n\r\nhello")
              .status == 400);
    CHECK(answer_to("POST /oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
              .status == 400);
    CHECK(
        answer_to("GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
            .status == 431);
    CHECK(answer_to("POST /oauth2/token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
                    "Content-Length: 1048576\r\n\r\n" +
                    std::string(1'048'576, 'x'))
              .status == 413);
  }

  TEST_CASE("a flood of headers is refused without being stored") {
    world w;
    auto client = w.connect();
    client.send("GET /healthz HTTP/1.1\r\nHost: a\r\n");
    for (int i = 0; i < 5'000; ++i) {
      if (!client.send("X-" + std::to_string(i) + ": aaaaaaaaaaaaaaaaaaaaaaaaaa\r\n")) break;
    }
    CHECK(client.receive().status == 431);
    CHECK(w.call("GET", "/healthz").status == 200);
  }

  TEST_CASE("half a request is closed after the header timeout, a silent one after the idle one") {
    world_options options;
    options.settings = "[limits]\nheader_timeout = \"1s\"\nidle_timeout = \"2s\"\n";
    world w{options};
    auto half = w.connect();
    auto silent = w.connect();
    auto const start = std::chrono::steady_clock::now();
    half.send("GET /healthz HT");
    CHECK(half.closed_within(10s));
    CHECK(std::chrono::steady_clock::now() - start < 5s);
    CHECK(silent.closed_within(10s));
    CHECK(w.call("GET", "/healthz").status == 200);
  }

  TEST_CASE("well-formed mistakes get a precise answer on a connection that goes on") {
    world w;
    auto client = w.connect();
    auto const token = "/v1/instances/" + instance_text(1) + "/token";
    auto const json_type = std::string{"Content-Type: application/json\r\n"};
    CHECK(client.request("GET", "/v1/instances/not-a-guid/token").status == 400);
    CHECK(client.request("GET", "/v1/instances/" + instance_text(1) + "x/token").status == 400);
    CHECK(client.request("GET", token + "?wait=-1").status == 400);
    CHECK(client.request("GET", token + "?wait=61").status == 400);
    CHECK(client.request("GET", token + "?min_valid=abc").status == 400);
    CHECK(client.request("GET", token + "?surprise=1").status == 400);
    CHECK(client.request("GET", token + "?wait=1&wait=2").status == 400);
    CHECK(client.request("GET", "/v1/nothing/here").status == 404);
    CHECK(client.request("GET", "/").status == 404);
    auto const wrong_method = client.request("POST", token, "{}", json_type);
    CHECK(wrong_method.status == 405);
    CHECK(wrong_method.header("allow") == "GET, HEAD, DELETE");
    CHECK(client.request("PUT", "/v1/instances/" + instance_text(1), "{", json_type).status == 400);
    CHECK(client.request("PUT", "/v1/instances/" + instance_text(1), "{\"grant\":\"x\"}", json_type)
              .status == 400);
    auto const legacy =
        R"({"grant":"refresh_token","refresh_token":"OAUTH2.secret-refresh-token"})";
    w.remember_secret("OAUTH2.secret-refresh-token");
    auto const no_store =
        client.request("PUT", "/v1/instances/" + instance_text(1), legacy, json_type);
    CHECK(no_store.status == 409);
    CHECK(text(parse(no_store), "error") == "store_required");
    CHECK(client.request("POST", token + "/reject", "{}", json_type).status == 400);
    for (auto const* header : {"Forwarded: for=a\r\n", "X-Forwarded-For: 10.0.0.1\r\n",
                               "Origin: https://example.org\r\n"}) {
      CHECK(client.request("GET", token, {}, header).status == 400);
    }
    auto const echoed = client.request("GET", "/healthz", {}, "X-Request-Id: abc-123\r\n");
    CHECK(echoed.status == 200);
    CHECK(echoed.header("x-request-id") == "abc-123");
    CHECK(client.request("HEAD", "/healthz").body.empty());
  }

  TEST_CASE("more validity than a token can have is impossible") {
    world w;
    w.warm_token(1);
    auto const answer = w.token(1, "?min_valid=14000");
    CHECK(answer.status == 422);
    CHECK(number_of(parse(answer), "max_min_valid") == 7'170);
    CHECK(w.token(1, "?min_valid=7000").status == 200);
    CHECK(w.mints(1) == 1);
  }

  TEST_CASE("unknown instances stay unknown where on_demand is off") {
    world_options options;
    options.app_settings = "on_demand = false";
    options.instances = {instance_text(1)};
    world w{options};
    CHECK(w.token(1, "?wait=20").status == 200);
    CHECK(w.token(2, "?wait=20").status == 404);
    CHECK(w.mints(2) == 0);
  }

  TEST_CASE("pipelined requests are answered in their order") {
    world w;
    auto client = w.connect();
    std::string bytes;
    for (int i = 0; i < 50; ++i) {
      bytes +=
          "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: n" + std::to_string(i) + "\r\n\r\n";
    }
    REQUIRE(client.send(bytes));
    for (int i = 0; i < 50; ++i) {
      CHECK(client.receive().header("x-request-id") == "n" + std::to_string(i));
    }
  }

  TEST_CASE("a client that never reads its answers is cut off, and others are served meanwhile") {
    world w;
    w.warm_token(1);
    auto deaf = w.connect();
    auto const start = std::chrono::steady_clock::now();
    std::string request =
        "GET /v1/instances/" + instance_text(1) + "/token HTTP/1.1\r\nHost: a\r\n\r\n";
    std::string many;
    for (int i = 0; i < 1'000; ++i) many += request;
    while (deaf.send(many)) {  // blocks when the daemon stops reading, fails when it closes
    }
    CHECK(std::chrono::steady_clock::now() - start < 30s);
    CHECK(w.token(1).status == 200);
  }

  TEST_CASE("callers that leave while they wait leave nothing behind") {
    world w;
    w.script(R"({"route":"token","kind":"hang"})");
    for (int i = 0; i < 100; ++i) {
      auto client = w.connect();
      client.send("GET /v1/instances/" + instance_text(1) +
                  "/token?wait=60 HTTP/1.1\r\nHost: a\r\n\r\n");
    }
    auto const waiters = [&] {
      auto const view = w.call("GET", "/v1/instances/" + instance_text(1));
      return view.status == 200 ? number_of(parse(view), "waiters") : -1;
    };
    CHECK(eventually([&] { return waiters() == 0; }, 10s));
  }
}
