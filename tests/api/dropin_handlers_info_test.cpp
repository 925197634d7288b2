// `POST /oauth2/token-info` (docs/upstream.md U-4, U-31 to U-35).

#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

std::string const json_type = "Content-Type: application/json\r\n";
std::string const form_type = "Content-Type: application/x-www-form-urlencoded\r\n";
constexpr auto inactive =
    R"({"active":false,"subjectType":"UNKNOWN","subjectId":"","clientId":""})";

std::string of(std::string const& token) {
  return R"({"token":")" + token + "\"}";
}

struct info_world : api_world {
  explicit info_world(core::app_policy const& app = {}) : api_world{app} {
    CHECK(get(instance_path("/token")).status == 200);  // "token-1"
  }

  http::response info(std::string const& body, std::string const& type = json_type,
                      std::uint32_t uid = 1000) {
    return request("POST", "/oauth2/token-info", type, body, uid);
  }
};

}  // namespace

TEST_SUITE("api.dropin_handlers_info") {
  TEST_CASE("a current token is asked about once, and answered in the upstream's shape") {
    info_world w;
    auto const answer = w.info(of("token-1"));
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"active":true,"subjectType":"APP","subjectId":"token-1",)"
                         R"("clientId":"app","instanceId":")" +
                             std::string{sample_id} + "\"}");
    CHECK(header_of(answer, "Cache-Control") == "no-store");
    CHECK(header_of(answer, "x-wix-request-id") == header_of(answer, "X-Request-Id"));
    CHECK(w.info("token=token-1", form_type).body == answer.body);
    CHECK(w.info("token=token-1&token_type_hint=access_token&client_id=x", form_type).body ==
          answer.body);
    CHECK(w.info(R"({"token":"token-1","client_id":"x"})", "").body == answer.body);
    CHECK(w.request("POST", "/oauth2/token-info/", json_type, of("token-1")).body == answer.body);
    CHECK(w.issuer.info_calls == 1);
    w.time.advance(30s);
    CHECK(w.info(of("token-1")).body == answer.body);
    CHECK(w.issuer.info_calls == 2);
  }

  TEST_CASE("foreign tokens are inactive, and the upstream never sees them") {
    info_world w;
    w.issuer.named["of-nobody"] = {};
    w.issuer.named["forged"] = instance_id::parse(sample_id).value();
    w.issuer.named["longer"] = instance_id::parse(sample_id).value();
    for (auto const* const token :
         {"of-nobody", "forged", "longer", "", "not a token", "OAUTH2.refresh-token"}) {
      auto const answer = w.info(of(token));
      CHECK(answer.status == 200);
      CHECK(answer.body == inactive);
    }
    CHECK(w.issuer.info_calls == 0);
    CHECK(w.blog_issuer.info_calls == 0);
  }

  TEST_CASE("a token that was replaced or has ended is inactive") {
    info_world w;
    CHECK(w.info(of("token-1")).body != inactive);
    CHECK(w.request("DELETE", instance_path("/token")).status == 204);
    w.time.advance(1s);
    CHECK(w.info(of("token-1")).body == inactive);
    CHECK(w.info(of("token-2")).body != inactive);
  }

  TEST_CASE("what is not granted is not told apart from what is foreign") {
    info_world w;
    core::access_rule everything{core::subject::user, 1000, core::all_roles};
    core::access_rule limited{core::subject::user, 2000, core::all_roles};
    limited.instances.emplace(1, instance_id{});
    w.policy = core::access_policy{{everything, limited}, {}};
    auto const denied = w.info(of("token-1"), json_type, 2000);
    auto const foreign = w.info(of("foreign"), json_type, 2000);
    CHECK(denied.status == 200);
    CHECK(denied.body == inactive);
    CHECK(foreign.body == inactive);
    CHECK(denied.headers.size() == foreign.headers.size());
    CHECK(w.issuer.info_calls == 0);
    CHECK(w.server.counted().denied == 1);
    CHECK(w.info(of("token-1")).body != inactive);  // kept now, for those who may
    CHECK(w.info(of("token-1"), json_type, 2000).body == inactive);
    CHECK(error_of(w.info(of("token-1"), json_type, 3000)) == "403 access_denied");
  }

  TEST_CASE("a policy that changes during the question is obeyed") {
    info_world w;
    w.issuer.latency = 1s;
    auto& client = w.connect();
    client.send(request_text("POST", "/oauth2/token-info", json_type, of("token-1")));
    w.policy = core::access_policy{{}, {}};
    w.time.advance(1s);
    CHECK(client.take().body == inactive);
    CHECK(w.issuer.info_calls == 1);
  }

  TEST_CASE("many at once share one question") {
    info_world w;
    w.issuer.latency = 1s;
    std::vector<api_client*> clients;
    for (int i = 0; i < 20; ++i) clients.push_back(&w.connect());
    for (auto* const one : clients) {
      one->send(request_text("POST", "/oauth2/token-info", json_type, of("token-1")));
    }
    clients.front()->leave();  // whoever asks may go
    w.time.advance(2s);
    for (std::size_t i = 1; i < clients.size(); ++i) CHECK(clients[i]->take().status == 200);
    CHECK(w.issuer.info_calls == 2);
  }

  TEST_CASE("a user who causes too many questions is told to wait") {
    info_world w;
    for (unsigned n = 2; n <= 6; ++n) {
      auto const id = key_of(n).instance.to_string();
      CHECK(w.get("/v1/instances/" + id + "/token").status == 200);
    }
    unsigned refused = 0;
    http::response last;
    for (int n = 1; n <= 6; ++n) {
      auto const answer = w.info(of("token-" + std::to_string(n)));
      if (answer.status == 200) continue;
      ++refused;
      last = answer;
    }
    CHECK(refused == 2);
    CHECK(last.status == 429);
    CHECK(member_of(last, "error") == "\"temporarily_unavailable\"");
    CHECK(last.body.find("RESOURCE_EXHAUSTED") != std::string::npos);
    CHECK(header_of(last, "Retry-After") == "1");
    CHECK(w.info(of("token-6"), json_type, 0).status == 200);  // another user
    CHECK(w.info(of("token-1")).status == 200);                // known already
    CHECK(w.info(of("foreign")).status == 200);                // nothing to ask
  }

  TEST_CASE("failures are told as of the token call, and are not kept") {
    info_world w;
    w.issuer.info_fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    auto const answer = w.info(of("token-1"));
    CHECK(error_of(answer) == "503 temporarily_unavailable");
    CHECK(header_of(answer, "Retry-After") != "-");
    w.issuer.info_fails.reset();
    CHECK(w.info(of("token-1")).status == 200);
    CHECK(w.issuer.info_calls == 2);
  }

  TEST_CASE("requests that are not whole are told in the shape of RFC 6749") {
    info_world w;
    CHECK(error_of(w.info("")) == "400 invalid_request");
    CHECK(error_of(w.info("token-1")) == "400 invalid_request");
    CHECK(error_of(w.info("token=a&token=a", form_type)) == "400 invalid_request");
    CHECK(error_of(w.info("{}")) == "400 invalid_request");
    CHECK(member_of(w.info("{}"), "error_description") == "\"token is missing\"");
    CHECK(w.info(of(std::string(64 * 1024, 'x'))).status == 413);
    CHECK(w.info(of(std::string(60 * 1024, 'x'))).body == inactive);
  }
}

}  // namespace wixtokend::test
