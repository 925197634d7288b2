#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

std::string token_path(std::string const& query = {}) {
  return instance_path("/token" + query);
}

std::string reject_path(std::string const& query = {}) {
  return instance_path("/token/reject" + query);
}

std::string generation_of(http::response const& answer) {
  return member_of(answer, "generation");
}

std::string with_generation(std::string const& generation) {
  return "{\"generation\":" + generation + "}";
}

// Lets the rejection of a token through once more: the first hold-off is over then.
constexpr auto hold_over = 10s;

}  // namespace

TEST_SUITE("api.token_handlers") {
  TEST_CASE("the first reader causes a mint, the next find the token there") {
    api_world w;
    auto const first = w.get(token_path());
    CHECK(first.status == 200);
    CHECK(header_of(first, "Content-Type") == "application/json");
    CHECK(header_of(first, "Cache-Control") == "no-store");
    CHECK(header_of(first, "X-Cache") == "MISS");
    CHECK(header_of(first, "ETag") == '"' + generation_of(first) + '"');
    CHECK(member_of(first, "access_token") == "\"token-1\"");
    CHECK(member_of(first, "token_type") == "\"Bearer\"");
    CHECK(member_of(first, "expires_in") == "14340");  // four hours less the margin of 60 s
    CHECK(member_of(first, "expires_at") == "1767239940");
    CHECK(member_of(first, "upstream_expires_at") == "1767240000");
    CHECK(member_of(first, "instance_id") == '"' + std::string{sample_id} + '"');

    w.time.advance(1s);
    auto const second = w.get(token_path());
    CHECK(header_of(second, "X-Cache") == "HIT");
    CHECK(member_of(second, "expires_in") == "14339");
    CHECK(member_of(second, "expires_at") == "1767239940");
    CHECK(generation_of(second) == generation_of(first));
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("readers of one cold instance share one mint, and all but the first are told") {
    api_world w;
    w.issuer.latency = 1s;
    std::vector<api_client*> readers;
    for (int i = 0; i < 200; ++i) {
      readers.push_back(&w.connect());
      readers.back()->send(request_text("GET", token_path()));
    }
    w.time.advance(999ms);
    CHECK(readers.front()->received().empty());
    w.time.advance(1ms);
    for (auto* const reader : readers) {
      auto const answer = reader->take();
      REQUIRE(answer.status == 200);
      REQUIRE(member_of(answer, "access_token") == "\"token-1\"");
      auto const expected = reader == readers.front() ? "MISS" : "COALESCED";
      REQUIRE(header_of(answer, "X-Cache") == expected);
    }
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("plain text is the bare token, with the same headers") {
    api_world w;
    auto const answer = w.get(token_path(), "Accept: text/plain\r\n");
    CHECK(answer.status == 200);
    CHECK(answer.body == "token-1");
    CHECK(header_of(answer, "Content-Type") == "text/plain");
    CHECK(header_of(answer, "Cache-Control") == "no-store");
    CHECK(header_of(answer, "X-Cache") == "MISS");
    CHECK(header_of(answer, "ETag").size() > 2);
  }

  TEST_CASE("HEAD has the headers of GET and no body") {
    api_world w;
    auto const length = w.get(token_path()).body.size();
    auto& client = w.connect();
    client.send(request_text("HEAD", token_path()));
    auto const text = std::string{client.received()};
    CHECK(text.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(text.find("ETag: \"") != text.npos);
    CHECK(text.find("Content-Length: " + std::to_string(length) + "\r\n") != text.npos);
    CHECK(text.ends_with("\r\n\r\n"));
    CHECK(text.find("token-1") == text.npos);
  }

  TEST_CASE("a known generation is confirmed while it is current, and only then") {
    api_world w;
    auto const tag = header_of(w.get(token_path()), "ETag");
    auto const condition = "If-None-Match: " + tag + "\r\n";
    auto const same = w.get(token_path(), condition);
    CHECK(same.status == 304);
    CHECK(same.body.empty());
    CHECK(header_of(same, "ETag") == tag);
    CHECK(header_of(same, "Cache-Control") == "no-store");
    CHECK(header_of(same, "X-Cache") == "HIT");
    CHECK(w.get(token_path("?min_valid=7000"), condition).status == 304);

    CHECK(w.get(token_path(), "If-None-Match: \"7\"\r\n").status == 200);
    CHECK(w.get(token_path(), "If-None-Match: nonsense\r\n").status == 200);

    w.request("DELETE", token_path());
    auto const changed = w.get(token_path(), condition);
    CHECK(changed.status == 200);
    CHECK(header_of(changed, "ETag") != tag);
  }

  TEST_CASE("a generation that lives too short for min_valid is not confirmed but replaced") {
    api_world w;
    w.issuer.life = 100s;  // margin 10 s, refreshed at 45 to 55 s
    auto const tag = header_of(w.get(token_path("?wait=0.5")), "ETag");
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.time.advance(70s);
    auto& client = w.connect();
    client.send(
        request_text("GET", token_path("?min_valid=45&wait=20"), "If-None-Match: " + tag + "\r\n"));
    CHECK(client.received().empty());
    w.issuer.fails.reset();
    w.time.advance(19s);
    auto const answer = client.take();
    CHECK(answer.status == 200);
    CHECK(header_of(answer, "ETag") != tag);
  }

  TEST_CASE("more validity than tokens have is refused with what can be had") {
    api_world w;
    w.get(token_path());
    auto const answer = w.get(token_path("?min_valid=7171"));
    CHECK(error_of(answer) == "422 impossible_validity");
    CHECK(member_of(answer, "max_min_valid") == "7170");
    CHECK(member_of(answer, "retryable") == "false");
    CHECK(w.get(token_path("?min_valid=7170")).status == 200);
  }

  TEST_CASE("a token that is usable but too short-lived says so when nothing newer comes in time") {
    api_world w;
    w.issuer.life = 100s;
    w.get(token_path());
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.time.advance(60s);
    auto& client = w.connect();
    client.send(request_text("GET", token_path("?min_valid=40&wait=2")));
    w.time.advance(2s);
    auto const answer = client.take();
    CHECK(error_of(answer) == "503 insufficient_validity");
    CHECK(header_of(answer, "Retry-After") != "-");
    CHECK(w.get(token_path()).status == 200);
  }

  TEST_CASE("a token whose refresh is failing is served and marked stale") {
    api_world w;
    w.issuer.life = 100s;
    w.get(token_path());
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.time.advance(60s);
    auto const answer = w.get(token_path());
    CHECK(answer.status == 200);
    CHECK(header_of(answer, "X-Cache") == "STALE");
  }

  TEST_CASE("parameters are read strictly, and before anything is asked of the upstream") {
    api_world w;
    CHECK(error_of(w.get(token_path("?wait=61"))) == "400 invalid_parameter");
    CHECK(error_of(w.get(token_path("?wait="))) == "400 invalid_parameter");
    CHECK(error_of(w.get(token_path("?min_valid=-1"))) == "400 invalid_parameter");
    CHECK(error_of(w.get(token_path("?min_valid=86401"))) == "400 invalid_parameter");
    CHECK(error_of(w.get(token_path("?wait=1&wait=1"))) == "400 repeated_parameter");
    CHECK(error_of(w.get(token_path("?minvalid=1"))) == "400 unknown_parameter");
    CHECK(w.issuer.calls == 0);
  }

  TEST_CASE("the wait is five seconds if the caller does not say, and what it says otherwise") {
    api_world w;
    w.issuer.hang = true;
    auto& patient = w.connect();
    auto& hasty = w.connect();
    patient.send(request_text("GET", token_path()));
    hasty.send(request_text("GET", token_path("?wait=0.25")));
    w.time.advance(249ms);
    CHECK(hasty.received().empty());
    w.time.advance(1ms);
    CHECK(error_of(hasty.take()) == "504 wait_ended");
    w.time.advance(4749ms);
    CHECK(patient.received().empty());
    w.time.advance(1ms);
    CHECK(error_of(patient.take()) == "504 wait_ended");
    CHECK(w.issuer.calls == 1);
    CHECK(w.issuer.under_way == 1);  // the flight goes on
  }

  TEST_CASE("a failing upstream is reported with what it said and when to try again") {
    api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    auto& client = w.connect();
    client.send(request_text("GET", token_path("?wait=1")));
    w.time.advance(1s);
    auto const answer = client.take();
    CHECK(error_of(answer) == "503 unavailable");
    CHECK(member_of(answer, "retryable") == "true");
    CHECK(header_of(answer, "Retry-After") == member_of(answer, "retry_after"));
    CHECK(member_of(answer, "upstream") == R"({"status":500)");
    CHECK(member_of(answer, "code") == "\"down\"");
    CHECK(member_of(answer, "request_id") == "\"request-7\"");
  }

  TEST_CASE("a refusal of the instance or the app is answered at once") {
    api_world w;
    auto blocked = scripted_issuer::failure_of(core::failure_class::instance_blocked, "gone");
    blocked.status = 403;
    w.issuer.fails = blocked;
    CHECK(error_of(w.get(token_path("?wait=60"))) == "502 instance_blocked");

    blocked.status = 404;
    w.blog_issuer.fails = blocked;
    auto const blog = std::string{"/v1/apps/blog/instances/"} + sample_id + "/token";
    CHECK(error_of(w.get(blog)) == "404 unknown_upstream");

    auto refused = scripted_issuer::failure_of(core::failure_class::app_refused, "invalid_client");
    w.issuer.fails = refused;
    CHECK(error_of(w.get("/v1/instances/7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310/token")) ==
          "502 app_refused");
  }

  TEST_CASE("an instance that may not be created on demand is unknown") {
    core::app_policy app;
    app.on_demand = false;
    api_world w{app};
    CHECK(error_of(w.get(token_path())) == "404 unknown_instance");
    w.request("PUT", instance_path(), "", "{}");
    CHECK(w.get(token_path()).status == 200);
  }

  TEST_CASE("an id in another spelling is the same instance") {
    api_world w;
    auto const generation = generation_of(w.get(token_path()));
    for (auto const* const path :
         {"/v1/instances/2D2F5D2E-6F1A-4C38-9E0B-0D4C6A1B7E55/token",
          "/v1/instances/%32d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55/token",
          "/v1/%69nstances/2d2f5d2e%2D6f1a-4c38-9e0b-0d4c6a1b7e55/token"}) {
      CHECK_MESSAGE(generation_of(w.get(path)) == generation, std::string{path});
    }
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("a rejected generation is replaced by one mint, and the answer waits for it") {
    api_world w;
    auto const old = generation_of(w.get(token_path()));
    w.issuer.latency = 1s;
    auto& reporter = w.connect();
    auto& second = w.connect();
    reporter.send(request_text("POST", reject_path(), "", with_generation(old)));
    second.send(request_text("POST", reject_path(), "", with_generation(old)));
    // Others go on getting it meanwhile, marked.
    auto const plain = w.get(token_path());
    CHECK(generation_of(plain) == old);
    CHECK(header_of(plain, "X-Cache") == "STALE");

    w.time.advance(1s);
    auto const answer = reporter.take();
    CHECK(answer.status == 200);
    CHECK(generation_of(answer) != old);
    CHECK(member_of(answer, "access_token") == "\"token-2\"");
    CHECK(header_of(answer, "ETag") == '"' + generation_of(answer) + '"');
    CHECK(generation_of(second.take()) == generation_of(answer));
    CHECK(w.issuer.calls == 2);
    CHECK(header_of(w.get(token_path()), "X-Cache") == "HIT");
  }

  TEST_CASE("an older generation gets the current token without a mint") {
    api_world w;
    auto const old = generation_of(w.get(token_path()));
    w.request("POST", reject_path(), "", with_generation(old));
    auto const again = w.request("POST", reject_path(), "", with_generation(old));
    CHECK(again.status == 200);
    CHECK(member_of(again, "access_token") == "\"token-2\"");
    CHECK(header_of(again, "X-Cache") == "HIT");
    CHECK(w.issuer.calls == 2);
    CHECK(w.request("POST", reject_path(), "", with_generation("0")).status == 200);
    CHECK(w.issuer.calls == 2);
  }

  TEST_CASE("a token can be rejected by its bytes") {
    api_world w;
    w.get(token_path());
    auto const answer = w.request("POST", reject_path(), "", R"({"access_token":"token-1"})");
    CHECK(member_of(answer, "access_token") == "\"token-2\"");
    CHECK(w.issuer.calls == 2);
    auto const other = w.request("POST", reject_path(), "", R"({"access_token":"token-1"})");
    CHECK(member_of(other, "access_token") == "\"token-2\"");
    CHECK(w.issuer.calls == 2);
  }

  TEST_CASE("a replacement that is rejected too soon is held off") {
    api_world w;
    auto const old = generation_of(w.get(token_path()));
    auto const fresh = generation_of(w.request("POST", reject_path(), "", with_generation(old)));
    auto const held = w.request("POST", reject_path(), "", with_generation(fresh));
    CHECK(error_of(held) == "429 rejection_hold_off");
    CHECK(header_of(held, "Retry-After") == "10");
    CHECK(member_of(held, "retry_after") == "10");
    CHECK(w.issuer.calls == 2);

    w.time.advance(hold_over);
    CHECK(w.request("POST", reject_path(), "", with_generation(fresh)).status == 200);
    CHECK(w.issuer.calls == 3);
  }

  TEST_CASE("a rejection never gets the rejected token back") {
    api_world w;
    auto const old = generation_of(w.get(token_path()));
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    auto& client = w.connect();
    client.send(request_text("POST", reject_path("?wait=2"), "", with_generation(old)));
    w.time.advance(2s);
    auto const answer = client.take();
    CHECK(answer.status == 503);
    CHECK(answer.body.find("token-1") == std::string::npos);
    CHECK(w.get(token_path()).body.find("token-1") != std::string::npos);
  }

  TEST_CASE("the bytes that were rejected are not handed out even as a new token") {
    api_world w;  // nothing is cached, and the upstream will issue just these bytes
    auto const answer = w.request("POST", reject_path(), "", R"({"access_token":"token-1"})");
    CHECK(answer.status == 503);
    CHECK(answer.body.find("token-1") == std::string::npos);
  }

  TEST_CASE("a rejection of an instance that is not known yet gets a token") {
    api_world w;
    auto const answer = w.request("POST", reject_path(), "", with_generation("7"));
    CHECK(answer.status == 200);
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("a rejection that cannot be read changes nothing") {
    api_world w;
    w.get(token_path());
    for (auto const* const body : {"", "{}", "[]", "{\"generation\":\"7\"}", "generation=7"}) {
      CHECK_MESSAGE(error_of(w.request("POST", reject_path(), "", body)) == "400 invalid_body",
                    std::string{body});
    }
    CHECK(error_of(w.request("POST", reject_path("?wait=x"), "", "{}")) == "400 invalid_parameter");
    CHECK(error_of(w.request("POST", reject_path("?min_valid=1"), "", "{}")) ==
          "400 unknown_parameter");
    CHECK(header_of(w.get(token_path()), "X-Cache") == "HIT");
  }

  TEST_CASE("a dropped token is gone for everybody, and a new one is obtained") {
    api_world w;
    auto const old = generation_of(w.get(token_path()));
    auto const dropped = w.request("DELETE", token_path());
    CHECK(dropped.status == 204);
    CHECK(dropped.body.empty());
    CHECK(w.issuer.calls == 2);
    auto const next = w.get(token_path());
    CHECK(generation_of(next) != old);
    CHECK(member_of(next, "access_token") == "\"token-2\"");
  }

  TEST_CASE("what is not known has no token to drop") {
    api_world w;
    CHECK(error_of(w.request("DELETE", token_path())) == "404 unknown_instance");
  }
}

}  // namespace wixtokend::test
