// What the audit log is told, by every call that hands out a token.

#include "base/secret_digest.hpp"
#include "support/api_world.hpp"
#include "support/scripted_audit.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::test;

api::api_settings settings_with(observe::audit_trail& audit) {
  auto settings = api_world::default_settings();
  settings.audit = &audit;
  return settings;
}

struct audited_world {
  scripted_audit audit;
  api_world w;

  explicit audited_world(bool with_store = false) : w{{}, settings_with(audit), with_store} {}

  // The calls that were recorded, as "GET /path generation".
  [[nodiscard]] std::vector<std::string> told() const {
    std::vector<std::string> out;
    for (auto const& one : audit.records) {
      out.push_back(std::string{one.method} + ' ' + std::string{one.path});
    }
    return out;
  }
};

using words = std::vector<std::string>;

std::string dropin_body() {
  return R"({"grant_type":"client_credentials",)"
         R"("client_id":"11111111-1111-4111-8111-111111111111","instance_id":")" +
         std::string{sample_id} + "\"}";
}

}  // namespace

TEST_SUITE("api.token_exchange_audit") {
  TEST_CASE("a record says who got which token of which instance, by which call") {
    audited_world a;
    auto const answer =
        a.w.request("GET", "/v1/apps/blog/instances/" + std::string{sample_id} + "/token",
                    "X-Request-Id: mine-1\r\n");
    REQUIRE(answer.status == 200);
    REQUIRE(a.audit.records.size() == 1);
    auto const& one = a.audit.records.front();
    CHECK(one.method == "GET");
    CHECK(one.path == "/v1/instances/{id}/token");
    CHECK(one.key.app == app_number{1});
    CHECK(one.key.instance.to_string() == sample_id);
    CHECK(std::to_string(one.generation) == member_of(answer, "generation"));
    CHECK(one.uid == 1000);
    CHECK(one.gid == 1000);
    CHECK(one.pid == 4711);
    CHECK(one.at == a.w.time.wall_now());
    CHECK(std::string_view{one.request_id.data(), one.request_id_size} == "mine-1");
    auto token = member_of(answer, "access_token");
    token = token.substr(1, token.size() - 2);
    CHECK(one.token_digest == digest_of(secret{token}));
  }

  TEST_CASE("every call that hands out a token is recorded, in every form") {
    audited_world a;
    auto const path = instance_path("/token");
    CHECK(a.w.get(path).status == 200);
    CHECK(a.w.get(path, "Accept: text/plain\r\n").status == 200);
    CHECK(a.w.get(path, "If-None-Match: \"1\"\r\n").status == 200);
    auto const generation = member_of(a.w.get(path), "generation");
    CHECK(
        a.w.request("POST", path + "/reject", "", R"({"generation":)" + generation + "}").status ==
        200);
    CHECK(a.w.request("POST", "/oauth2/token", "Content-Type: application/json\r\n", dropin_body())
              .status == 200);
    auto const read = "GET /v1/instances/{id}/token";
    CHECK(a.told() == words{read, read, read, read, "POST /v1/instances/{id}/token/reject",
                            "POST /oauth2/token"});
  }

  TEST_CASE("a token for a refresh token is recorded, too") {
    audited_world a{true};
    REQUIRE(a.w.request("PUT", instance_path(), "",
                        R"({"grant":"refresh_token","refresh_token":"of-a-test"})")
                .status == 201);
    auto const answer = a.w.request("POST", "/oauth/access", "Content-Type: application/json\r\n",
                                    R"({"grant_type":"refresh_token","refresh_token":"of-a-test",)"
                                    R"("client_id":"11111111-1111-4111-8111-111111111111"})");
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    CHECK(a.told() == words{"POST /oauth/access"});
  }

  TEST_CASE("a watcher's token is recorded when it gets it") {
    audited_world a;
    auto const tag = header_of(a.w.get(instance_path("/token")), "ETag");
    auto const generation = tag.substr(1, tag.size() - 2);
    auto& watcher = a.w.connect();
    watcher.send(request_text("GET", instance_path("/token"),
                              "If-None-Match: " + tag + "\r\nPrefer: wait=30\r\n"));
    a.w.time.advance(1s);
    CHECK(a.audit.records.size() == 1);
    CHECK(a.w.request("POST", instance_path("/token/reject"), "",
                      R"({"generation":)" + generation + "}")
              .status == 200);
    CHECK(watcher.take().status == 200);
    CHECK(a.audit.records.size() == 3);
    CHECK(a.audit.records[1].generation == a.audit.records[2].generation);
    CHECK(a.audit.records[1].token_digest == a.audit.records[2].token_digest);
    CHECK(a.audit.records[1].token_digest != a.audit.records[0].token_digest);
  }

  TEST_CASE("what hands out no token is not recorded") {
    audited_world a;
    auto const tag = header_of(a.w.get(instance_path("/token")), "ETag");
    a.audit.records.clear();
    CHECK(a.w.get(instance_path("/token"), "If-None-Match: " + tag + "\r\n").status == 304);
    auto& client = a.w.connect();
    client.send(request_text("HEAD", instance_path("/token")));
    CHECK(client.received().starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(a.w.get(instance_path()).status == 200);
    CHECK(a.w.get("/v1/instances").status == 200);
    CHECK(a.w.get(instance_path("/token?min_valid=80000")).status == 422);
    CHECK(a.w.request("GET", instance_path("/token"), "", "", 1001).status == 403);
    CHECK(a.audit.records.empty());
  }

  TEST_CASE("what cannot be recorded is not handed out, in whatever form it is asked for") {
    audited_world a;
    REQUIRE(a.w.get(instance_path("/token")).status == 200);
    a.audit.takes = false;
    for (std::string const headers : {"", "Accept: text/plain\r\n"}) {
      auto const answer = a.w.get(instance_path("/token"), headers);
      CHECK(error_of(answer) == "503 audit_failed");
      CHECK(header_of(answer, "Retry-After") == "1");
      CHECK(answer.body.find("access_token") == std::string::npos);
      CHECK(header_of(answer, "ETag") == "-");
    }
    auto const dropin =
        a.w.request("POST", "/oauth2/token", "Content-Type: application/json\r\n", dropin_body());
    CHECK(error_of(dropin) == "503 temporarily_unavailable");
    CHECK(header_of(dropin, "Retry-After") == "1");
    CHECK(a.audit.records.size() == 1);
    a.audit.takes = true;
    CHECK(a.w.get(instance_path("/token")).status == 200);
  }

  TEST_CASE("status shows how it goes, and a failure that refuses tokens makes it unready") {
    audited_world a;
    a.audit.says = {5, 2, 1, false, {}};
    auto answer = a.w.get("/v1/status");
    CHECK(answer.body.find(R"("audit":{"recorded":5,"lost":2,"refused":1,"failure":null})") !=
          std::string::npos);
    CHECK(a.w.get("/readyz").status == 200);
    a.audit.says.failure = make_error_code(boost::system::errc::no_space_on_device);
    CHECK(a.w.get("/readyz").status == 200);
    a.audit.says.refuses = true;
    auto const ready = a.w.get("/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.body.find("the audit log cannot be written: No space left on device") !=
          std::string::npos);
    CHECK(api_world{}.get("/v1/status").body.find(R"("audit":null)") != std::string::npos);
  }
}
