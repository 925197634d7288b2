#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

constexpr std::uint32_t stranger = 2000;

std::string fresh_id(http::response const& answer) {
  auto const id = header_of(answer, "X-Request-Id");
  CHECK(id.size() == 16);
  return id;
}

}  // namespace

TEST_SUITE("api.dispatch") {
  TEST_CASE("an unknown path is answered in full") {
    api_world w;
    auto const answer = w.get("/v2/anything");
    CHECK(answer.status == 404);
    CHECK(answer.body == R"({"error":"unknown_path","error_description":"There is no such call.",)"
                         R"("retryable":false})");
    CHECK(header_of(answer, "Content-Type") == "application/json");
    CHECK(answer.keep_alive);
    fresh_id(answer);
  }

  TEST_CASE("a wrong method is answered in full") {
    api_world w;
    auto const answer = w.request("POST", instance_path(), "", "{}");
    CHECK(answer.status == 405);
    CHECK(header_of(answer, "Allow") == "GET, HEAD, PUT, DELETE");
    CHECK(answer.body ==
          R"({"error":"method_not_allowed",)"
          R"("error_description":"This path does not have this method.","retryable":false})");
  }

  TEST_CASE("an id that is no GUID is answered in full, whoever asks for whatever") {
    api_world w;
    for (auto const* const id :
         {"x", "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e5", "2d2f5d2e6f1a4c389e0b0d4c6a1b7e55", "%00",
          "..", "{2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55}"}) {
      auto const answer = w.get("/v1/instances/" + std::string{id} + "/token");
      if (id == std::string{"%00"}) {
        CHECK(error_of(answer) == "400 invalid_target");
        continue;
      }
      CHECK(answer.status == 400);
      CHECK(answer.body ==
            R"({"error":"invalid_instance_id",)"
            R"("error_description":"The instance id is not a GUID.","retryable":false})");
    }
    CHECK(w.issuer.calls == 0);
  }

  TEST_CASE("a target that is none is 400") {
    api_world w;
    for (auto const* const target : {"*", "http://localhost/healthz", "/%zz", "/healthz?a=%4"}) {
      CHECK_MESSAGE(error_of(w.get(target)) == "400 invalid_target", std::string{target});
    }
  }

  TEST_CASE("requests from proxies and browsers are refused before anything else") {
    api_world w;
    for (auto const* const header : {"Forwarded: for=1.2.3.4\r\n", "X-Forwarded-For: 1.2.3.4\r\n",
                                     "Origin: null\r\n", "oRIGIN: https://example.com\r\n"}) {
      auto const answer = w.get(instance_path("/token"), header);
      CHECK_MESSAGE(error_of(answer) == "400 forwarded_request", std::string{header});
      CHECK_MESSAGE(error_of(w.get("/nowhere", header)) == "400 forwarded_request",
                    std::string{header});
      CHECK(w.request("GET", "/healthz", header, "", stranger).status == 400);
    }
    CHECK(w.issuer.calls == 0);
  }

  TEST_CASE("a peer without a role learns nothing about apps and instances") {
    api_world w;
    w.request("PUT", instance_path(), "", "{}");
    auto const denied = [&](std::string const& method, std::string const& target) {
      auto const answer = w.request(method, target, "", "", stranger);
      CHECK(answer.body ==
            R"({"error":"access_denied","error_description":)"
            R"("The access policy does not grant this call to your user.","retryable":false})");
      return answer.status;
    };
    CHECK(denied("GET", instance_path()) == 403);
    CHECK(denied("GET", "/v1/instances/7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310") == 403);
    CHECK(denied("GET", "/v1/instances/not-an-id") == 403);
    CHECK(denied("GET", "/v1/instances/2D2F5D2E-6F1A-4C38-9E0B-0D4C6A1B7E55/token") == 403);
    CHECK(denied("GET", "/v1/instances/%32d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55/token") == 403);
    CHECK(denied("GET", "/v1/apps/none/instances") == 403);
    CHECK(denied("GET", instance_path("/token?odd=1")) == 403);
    CHECK(denied("POST", "/oauth2/token") == 403);
    CHECK(denied("GET", "/healthz") == 403);
    CHECK(w.server.counted().denied == 9);
    CHECK(w.log.count("access_denied") == 1);  // a line a second
    w.time.advance(1s);
    CHECK(denied("GET", "/healthz") == 403);
    CHECK(w.log.count("access_denied") == 2);
    CHECK(w.log.count("denied_so_far=10") == 1);
    CHECK(w.issuer.calls == 1);  // of the registration
  }

  TEST_CASE("a denial is logged with who asked for what, and the request id") {
    api_world w;
    w.request("GET", instance_path("/token"), "X-Request-Id: mine-1\r\n", "", stranger);
    REQUIRE(w.log.count("access_denied") == 1);
    for (auto const& line : w.log.lines) {
      if (line.find("access_denied") == line.npos) continue;
      CHECK(line ==
            "warning access_denied method=GET path=/v1/instances/{id}/token app=- instance=- "
            "uid=2000 pid=4711 socket=main request_id=mine-1 denied_so_far=1");
    }
  }

  TEST_CASE("a socket grants no more than its roles") {
    api_world w;
    auto& client = w.connect(1000, static_cast<core::role_set>(core::role::read));
    client.send(request_text("GET", instance_path("/token")));
    w.time.advance(0s);
    CHECK(client.take().status == 200);
    client.send(request_text("PUT", instance_path(), "", "{}"));
    CHECK(error_of(client.take()) == "403 access_denied");
    client.send(request_text("GET", "/healthz"));
    CHECK(error_of(client.take()) == "403 access_denied");
  }

  TEST_CASE("a policy that changes is obeyed on connections that are open") {
    api_world w;
    auto& client = w.connect();
    client.send(request_text("GET", "/healthz"));
    CHECK(client.take().status == 200);
    w.policy = core::access_policy{{}, core::overflow_ids{}};
    client.send(request_text("GET", "/healthz"));
    CHECK(client.take().status == 403);
  }

  TEST_CASE("users of other namespaces are nobody") {
    api_world w;
    core::access_rule const nobody{core::subject::user, 65534, core::all_roles};
    w.policy = core::access_policy{{nobody}, core::overflow_ids{}};
    CHECK(w.request("GET", "/healthz", "", "", 65534).status == 403);
  }

  TEST_CASE("an unknown app is 404 to those who may ask") {
    api_world w;
    CHECK(error_of(w.get("/v1/apps/none/instances")) == "404 unknown_app");
    CHECK(error_of(w.get("/v1/apps/Main/instances")) == "404 unknown_app");
    CHECK(w.get("/v1/apps/main/instances").status == 200);
  }

  TEST_CASE("a request id is echoed and logged if it is fit, and made up if not") {
    api_world w;
    CHECK(header_of(w.get("/healthz", "X-Request-Id: abc-1\r\n"), "X-Request-Id") == "abc-1");
    CHECK(w.log.count("request_id=abc-1") == 1);
    CHECK(header_of(w.get("/nowhere", "x-request-id: abc-2\r\n"), "X-Request-Id") == "abc-2");
    CHECK(fresh_id(w.get("/healthz", "X-Request-Id: two words\r\n")) !=
          fresh_id(w.get("/healthz")));
    fresh_id(w.get("/healthz", "X-Request-Id: " + std::string(129, 'x') + "\r\n"));
  }

  TEST_CASE("each request is logged, with no more of its target than the call") {
    api_world w;
    w.get("/healthz?x=secret-looking");
    w.get("/nowhere-secret-looking");
    CHECK(w.log.count("request method=GET path=/healthz") == 1);
    CHECK(w.log.count("request method=GET path=-") == 1);
    CHECK(w.log.count("secret-looking") == 0);
  }

  TEST_CASE("no token is ever logged") {
    api_world w;
    w.get(instance_path("/token"));
    w.request("POST", instance_path("/token/reject"), "", R"({"access_token":"token-1"})");
    w.request("POST", instance_path("/token-info"));
    CHECK(w.log.lines.size() > 3);
    CHECK(w.log.count("token-1") == 0);
    CHECK(w.log.count("token-2") == 0);
  }
}

}  // namespace wixtokend::test
