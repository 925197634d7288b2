#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

// An id that ends in two hexadecimal digits.
std::string path_of(unsigned n, std::string const& rest = {}) {
  return "/v1/instances/" + key_of(n).instance.to_string() + rest;
}

std::size_t count(std::string const& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_SUITE("api.instance_handlers") {
  TEST_CASE("a registration is answered with 201 once and 200 ever after") {
    api_world w;
    auto const first = w.request("PUT", instance_path(), "", "{}");
    CHECK(first.status == 201);
    CHECK(header_of(first, "Content-Type") == "application/json");
    CHECK(header_of(first, "Cache-Control") == "no-store");
    CHECK(member_of(first, "instance_id") == '"' + std::string{sample_id} + '"');
    CHECK(member_of(first, "registered") == "true");
    CHECK(member_of(first, "durable") == "false");
    CHECK(member_of(first, "app") == "\"main\"");
    CHECK(w.issuer.calls == 1);  // the first token is obtained unasked

    CHECK(w.request("PUT", instance_path(), "", "").status == 200);
    CHECK(w.request("PUT", instance_path(), "", R"({"grant":"client_credentials"})").status == 200);
    CHECK(w.request("PUT", instance_path("?replace=true"), "", "{}").status == 200);
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("an instance that was created on demand becomes registered with 201") {
    api_world w;
    w.get(instance_path("/token"));
    CHECK(member_of(w.get(instance_path()), "registered") == "false");
    CHECK(w.request("PUT", instance_path(), "", "{}").status == 201);
    CHECK(member_of(w.get(instance_path()), "registered") == "true");
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("with a store a registration is on disk before it is answered") {
    durable_api_world w;
    w.disk.latency = 20ms;
    auto& client = w.connect();
    client.send(request_text("PUT", instance_path(), "", "{}"));
    w.time.advance(1ms);
    CHECK(client.received().empty());
    CHECK(w.disk.rows.empty());
    w.time.advance(60ms);
    auto const answer = client.take();
    CHECK(answer.status == 201);
    CHECK(member_of(answer, "durable") == "true");
    CHECK(w.disk.rows.size() == 1);
  }

  TEST_CASE("a client that has closed its direction is told all the same") {
    durable_api_world w;
    w.disk.latency = 20ms;
    auto& client = w.connect();
    client.send(request_text("PUT", instance_path(), "", "{}"));
    client.finish_sending();
    w.time.advance(60ms);
    CHECK(client.take().status == 201);
  }

  TEST_CASE("what cannot be written is not acknowledged, and may be tried again") {
    durable_api_world w;
    w.disk.fails = true;
    auto const failed = w.request("PUT", instance_path(), "", "{}");
    CHECK(error_of(failed) == "503 store_failed");
    CHECK(member_of(failed, "retryable") == "true");
    CHECK(header_of(failed, "Retry-After") == "1");
    w.disk.fails = false;
    auto const again = w.request("PUT", instance_path(), "", "{}");
    CHECK(again.status / 100 == 2);
    CHECK(w.disk.rows.size() == 1);
  }

  TEST_CASE("a disk that does not answer is waited for ten seconds") {
    durable_api_world w;
    w.disk.latency = 1h;
    auto& client = w.connect();
    client.send(request_text("PUT", instance_path(), "", "{}"));
    w.time.advance(9s);
    CHECK(client.received().empty());
    w.time.advance(1s);
    CHECK(error_of(client.take()) == "503 store_failed");
    w.disk.latency = 0s;
    w.time.advance(1h);
  }

  TEST_CASE("a refresh token is kept, and another one replaces it only on demand") {
    durable_api_world w;
    auto const body = [](char const* token) {
      return R"({"grant":"refresh_token","refresh_token":")" + std::string{token} + "\"}";
    };
    auto const first = w.request("PUT", instance_path(), "", body("OAUTH2.one"));
    CHECK(first.status == 201);
    CHECK(first.body.find("OAUTH2") == std::string::npos);
    CHECK(w.request("PUT", instance_path(), "", body("OAUTH2.one")).status == 200);
    CHECK(w.request("PUT", instance_path(), "", "{}").status == 200);
    auto const other = w.request("PUT", instance_path(), "", body("OAUTH2.two"));
    CHECK(error_of(other) == "409 grant_conflict");
    CHECK(w.request("PUT", instance_path("?replace=true"), "", body("OAUTH2.two")).status == 200);
    REQUIRE(w.disk.rows.size() == 1);
    CHECK(w.disk.rows.begin()->second.grant.refresh_token.reveal() == "OAUTH2.two");
    CHECK(member_of(w.get(instance_path()), "grant") == "\"refresh_token\"");
  }

  TEST_CASE("codes are shown with what became of them, and not too many wait at once") {
    durable_api_world w;
    w.issuer.hang = true;
    int taken = 0;
    std::string last;
    for (int i = 0; i < 20 && last.empty(); ++i) {
      auto const body =
          R"({"grant":"authorization_code","code":"OAUTH2.)" + std::to_string(i) + "\"}";
      auto const answer = w.request("PUT", instance_path(), "", body);
      if (answer.status / 100 == 2) ++taken;
      if (answer.status / 100 != 2) last = error_of(answer);
    }
    CHECK(taken >= 1);
    CHECK(last == "429 limit_reached");
    auto const view = w.get(instance_path());
    CHECK(count(view.body, "\"outcome\":\"pending\"") == static_cast<std::size_t>(taken));
    CHECK(view.body.find("OAUTH2") == std::string::npos);
  }

  TEST_CASE("a removal is on disk before it is answered, and its refresh token can be restored") {
    durable_api_world w;
    CHECK(error_of(w.request("POST", instance_path("/restore"))) == "404 unknown_instance");
    w.request("PUT", instance_path(), "", "{}");
    CHECK(w.disk.rows.size() == 1);
    CHECK(w.request("DELETE", instance_path()).status == 204);
    CHECK(w.disk.rows.empty());

    auto const key = instance_key{app_number{0}, instance_id::parse(sample_id).value()};
    w.disk.kept_back[key] = secret{"OAUTH2.kept"};
    auto const restored = w.request("POST", instance_path("/restore"));
    CHECK(restored.status == 200);
    CHECK(member_of(restored, "registered") == "true");
    CHECK(restored.body.find("OAUTH2") == std::string::npos);
  }

  TEST_CASE("a removal or a dropped token that cannot be written is not acknowledged") {
    durable_api_world w;
    w.request("PUT", instance_path(), "", "{}");
    w.disk.fails = true;
    CHECK(error_of(w.request("DELETE", instance_path("/token"))) == "503 store_failed");
    CHECK(error_of(w.request("DELETE", instance_path())) == "503 store_failed");
  }

  TEST_CASE("legacy grants need a store, and there is none") {
    api_world w;
    for (auto const* const body : {R"({"grant":"refresh_token","refresh_token":"OAUTH2.r"})",
                                   R"({"grant":"authorization_code","code":"OAUTH2.c"})"}) {
      auto const answer = w.request("PUT", instance_path(), "", body);
      CHECK(error_of(answer) == "409 store_required");
      CHECK(member_of(answer, "error_description") ==
            "\"This grant must survive a restart: it needs a store on a persistent file system.\"");
      CHECK(answer.body.find("OAUTH2") == std::string::npos);
    }
    CHECK(error_of(w.get(instance_path())) == "404 unknown_instance");
  }

  TEST_CASE("a registration that cannot be read registers nothing") {
    api_world w;
    CHECK(error_of(w.request("PUT", instance_path(), "", "[]")) == "400 invalid_body");
    CHECK(error_of(w.request("PUT", instance_path(), "", R"({"grant":"x"})")) ==
          "400 invalid_body");
    CHECK(error_of(w.request("PUT", instance_path("?replace=1"), "", "{}")) ==
          "400 invalid_parameter");
    CHECK(error_of(w.request("PUT", instance_path("?force=true"), "", "{}")) ==
          "400 unknown_parameter");
    CHECK(w.engine.size() == 0);
  }

  TEST_CASE("to replace a grant takes the role manage") {
    api_world w;
    using core::role;
    auto const some = static_cast<core::role_set>(role::register_);
    auto& client = w.connect(1000, some);
    client.send(request_text("PUT", instance_path("?replace=true"), "", "{}"));
    CHECK(error_of(client.take()) == "403 access_denied");
    client.send(request_text("PUT", instance_path("?replace=false"), "", "{}"));
    CHECK(client.take().status == 201);
  }

  TEST_CASE("the view of an instance tells its state and its last error, never its token") {
    api_world w;
    CHECK(error_of(w.get(instance_path())) == "404 unknown_instance");
    w.issuer.life = 100s;
    w.get(instance_path("/token"));
    auto const warm = w.get(instance_path());
    CHECK(warm.status == 200);
    CHECK(member_of(warm, "state") == "\"warm\"");
    CHECK(member_of(warm, "expires_at") == "1767225690");
    CHECK(member_of(warm, "next_attempt_reason") == "\"fraction_of_life\"");
    CHECK(member_of(warm, "last_error") == "null");
    CHECK(warm.body.find("token-1") == std::string::npos);

    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.time.advance(60s);
    auto const stale = w.get(instance_path());
    CHECK(member_of(stale, "state") == "\"stale\"");
    CHECK(member_of(stale, "class") == "\"transient\"");
    CHECK(member_of(stale, "code") == "\"down\"");
    CHECK(member_of(stale, "request_id") == "\"request-7\"");
    CHECK(member_of(stale, "next_attempt_reason") == "\"backoff\"");
  }

  TEST_CASE("a removed instance is gone") {
    api_world w;
    w.request("PUT", instance_path(), "", "{}");
    auto const removed = w.request("DELETE", instance_path());
    CHECK(removed.status == 204);
    CHECK(removed.body.empty());
    CHECK(error_of(w.request("DELETE", instance_path())) == "404 unknown_instance");
    CHECK(error_of(w.get(instance_path())) == "404 unknown_instance");
  }

  TEST_CASE("retry tries a blocked instance at once") {
    api_world w;
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::instance_blocked, "gone");
    w.request("PUT", instance_path(), "", "{}");
    CHECK(member_of(w.get(instance_path()), "state") == "\"blocked\"");
    w.issuer.fails.reset();
    auto const answer = w.request("POST", instance_path("/retry"));
    CHECK(answer.status == 202);
    CHECK(member_of(answer, "instance_id") == '"' + std::string{sample_id} + '"');
    CHECK(w.issuer.calls == 2);
    CHECK(member_of(w.get(instance_path()), "state") == "\"warm\"");
    CHECK(error_of(w.request("POST", path_of(9, "/retry"))) == "404 unknown_instance");
  }

  TEST_CASE("instances are listed in pages that together are complete") {
    api_world w;
    for (unsigned i = 1; i <= 25; ++i) w.request("PUT", path_of(i), "", "{}");
    std::string all;
    std::string query = "?limit=10";
    int pages = 0;
    for (;;) {
      auto const page = w.get("/v1/instances" + query);
      REQUIRE(page.status == 200);
      all += page.body;
      REQUIRE(++pages <= 10);
      auto const next = member_of(page, "next_cursor");
      if (next == "null") break;
      query = "?limit=10&cursor=" + next.substr(1, next.size() - 2);
    }
    CHECK(pages >= 3);
    CHECK(count(all, "\"instance_id\"") == 25);
    for (unsigned i = 1; i <= 25; ++i) {
      CHECK(count(all, key_of(i).instance.to_string()) == 1);
    }
    CHECK(all.find("token-") == std::string::npos);
  }

  TEST_CASE("a list can be narrowed to a state, and is of one app") {
    api_world w;
    w.request("PUT", path_of(1), "", "{}");
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::instance_blocked, "gone");
    w.request("PUT", path_of(2), "", "{}");
    w.request("PUT", "/v1/apps/blog/instances/" + key_of(3).instance.to_string(), "", "{}");

    auto const blocked = w.get("/v1/instances?state=blocked").body;
    CHECK(count(blocked, "\"instance_id\"") == 1);
    CHECK(count(blocked, key_of(2).instance.to_string()) == 1);
    CHECK(count(w.get("/v1/instances?state=idle").body, "\"instance_id\"") == 0);
    CHECK(count(w.get("/v1/instances").body, "\"instance_id\"") == 2);
    auto const blog = w.get("/v1/apps/blog/instances").body;
    CHECK(count(blog, "\"instance_id\"") == 1);
    CHECK(count(blog, "\"app\":\"blog\"") == 1);
    CHECK(count(w.get("/v1/apps/main/instances").body, "\"instance_id\"") == 2);
  }

  TEST_CASE("a list is asked for strictly") {
    api_world w;
    for (auto const* const query : {"?limit=0", "?limit=501", "?limit=x", "?cursor=-1",
                                    "?cursor=", "?state=hot", "?state="}) {
      CHECK_MESSAGE(
          error_of(w.get(std::string{"/v1/instances"} + query)) == "400 invalid_parameter",
          std::string{query});
    }
    CHECK(error_of(w.get("/v1/instances?page=1")) == "400 unknown_parameter");
    auto const beyond = w.get("/v1/instances?cursor=18446744073709551615");
    CHECK(beyond.body == R"({"instances":[],"next_cursor":null})");
  }

  TEST_CASE("the same id is another instance in another app") {
    api_world w;
    auto const blog = "/v1/apps/blog/instances/" + std::string{sample_id};
    CHECK(w.get(instance_path("/token")).status == 200);
    CHECK(error_of(w.get(blog)) == "404 unknown_instance");
    CHECK(w.get(blog + "/token").status == 200);
    CHECK(w.issuer.calls == 1);
    CHECK(w.blog_issuer.calls == 1);
    CHECK(w.request("DELETE", blog).status == 204);
    CHECK(w.get(instance_path()).status == 200);
  }

  TEST_CASE("token info asks the upstream about the cached token") {
    api_world w;
    auto const path = instance_path("/token-info");
    CHECK(error_of(w.request("POST", path)) == "404 unknown_instance");
    w.get(instance_path("/token"));
    auto const answer = w.request("POST", path);
    CHECK(answer.status == 200);
    CHECK(answer.body ==
          R"({"active":true,"subject_type":"APP","subject_id":"token-1","expires_at":null,)"
          R"("issued_at":null,"client_id":"app","account_id":null,"site_id":null,)"
          R"("instance_id":"2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55","vendor_product_id":null})");
    CHECK(w.issuer.info_calls == 1);
  }

  TEST_CASE("token info needs a usable token, and reports what the upstream refuses") {
    api_world w;
    auto const path = instance_path("/token-info");
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.request("PUT", instance_path(), "", "{}");
    auto const none = w.request("POST", path);
    CHECK(error_of(none) == "503 unavailable");
    CHECK(member_of(none, "error_description") == "\"There is no usable token to ask about.\"");

    w.issuer.fails.reset();
    w.request("POST", instance_path("/retry"));
    w.issuer.info_fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    auto const failed = w.request("POST", path);
    CHECK(error_of(failed) == "503 unavailable");
    CHECK(member_of(failed, "request_id") == "\"request-7\"");
  }
}

}  // namespace wixtokend::test
