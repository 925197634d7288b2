#include "api/routes.hpp"
#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A peer that is limited to one instance, and all the ways in which it could come to another.

namespace wixtokend::test {
namespace {

constexpr std::uint32_t limited_uid = 2000;
constexpr auto other_id = "7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310";
constexpr auto unknown_id = "00c0ffee-83cb-4d0e-a1c5-54f2b9e6d310";
constexpr auto main_client = "11111111-1111-4111-8111-111111111111";
constexpr auto blog_client = "22222222-2222-4222-8222-222222222222";
constexpr app_number main_app{0};
constexpr auto refusal =
    R"({"error":"access_denied","error_description":)"
    R"("The access policy does not grant this call to your user.","retryable":false})";

instance_id parsed(char const* id) {
  return instance_id::parse(id).value();
}

core::access_rule everything_for(std::uint32_t uid) {
  return {core::subject::user, uid, core::all_roles};
}

core::access_policy policy_with(core::access_rule limited) {
  std::vector<core::access_rule> rules{everything_for(1000)};
  rules.push_back(std::move(limited));
  return {std::move(rules), core::overflow_ids{}};
}

// All roles, for the sample instance of the app "main".
core::access_rule sample_only() {
  auto rule = everything_for(limited_uid);
  rule.apps = std::vector{main_app};
  rule.instances = std::vector{parsed(sample_id)};
  return rule;
}

struct limited_world : api_world {
  limited_world() {
    for (auto const* const app : {"main", "blog"}) {
      for (auto const* const id : {sample_id, other_id}) {
        request("PUT", "/v1/apps/" + std::string{app} + "/instances/" + id, "", "{}");
      }
    }
    policy = policy_with(sample_only());
  }

  http::response ask(std::string const& method, std::string const& target,
                     std::string const& headers = {}, std::string const& body = {}) {
    return request(method, target, headers, body, limited_uid);
  }

  // All that can be seen of the instances that the peer is not granted.
  std::string others() {
    return get("/v1/instances/" + std::string{other_id}).body +
           get("/v1/apps/blog/instances/" + std::string{other_id}).body +
           get("/v1/apps/blog/instances/" + std::string{sample_id}).body;
  }
};

// How a caller may write an id.
std::vector<std::string> spellings(std::string const& id) {
  auto upper = id;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (char const c : upper) {
    auto const byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(digits[byte >> 4U]);
    encoded.push_back(digits[byte & 0xfU]);
  }
  return {id, upper, encoded, encoded.substr(0, 3) + id.substr(1)};
}

// The path of a call for an instance, with an app's prefix or without.
std::string path_of(api::route const& call, std::string const& app, std::string const& id) {
  std::string path{call.path};
  if (auto const at = path.find("{id}"); at != path.npos) path.replace(at, 4, id);
  if (!app.empty()) path.replace(0, 3, "/v1/apps/" + app);
  return path;
}

std::string body_of(api::route const& call) {
  if (call.path.ends_with("/reject")) return R"({"generation":1})";
  return call.method == "PUT" ? R"({"grant":"client_credentials"})" : "";
}

constexpr auto watch_headers = "If-None-Match: \"1\"\r\nPrefer: wait=5\r\n";

std::string dropin_json(std::string const& client, std::string const& id) {
  return R"({"grant_type":"client_credentials","client_id":")" + client +
         R"(","client_secret":"x","instance_id":")" + id + R"("})";
}

std::string bulk_line(std::string const& id) {
  return R"({"instance_id":")" + id + "\"}\n";
}

}  // namespace

TEST_SUITE("api.dispatch_access") {
  TEST_CASE("no path that names an instance leads to one that is not granted") {
    limited_world w;
    auto const before = w.others();
    auto const calls = w.issuer.calls + w.blog_issuer.calls;
    auto const known = w.engine.size();
    unsigned asked = 0;
    auto const refused = [&](api::route const& call, std::string const& target) {
      auto const answer = w.ask(std::string{call.method}, target, watch_headers, body_of(call));
      CHECK_MESSAGE(answer.status == 403, target);
      CHECK_MESSAGE(answer.body == refusal, target);
      ++asked;
    };
    for (auto const& call : api::all_routes()) {
      if (call.path.find("{id}") == call.path.npos) continue;
      for (std::string const app : {"", "main", "m%61in", "blog", "%62log", "none", "Main"}) {
        for (auto const* const id : {other_id, unknown_id}) {
          for (auto const& spelled : spellings(id)) refused(call, path_of(call, app, spelled));
        }
        bool const granted = app.empty() || app == "main" || app == "m%61in";
        if (granted) continue;
        for (auto const& spelled : spellings(sample_id)) refused(call, path_of(call, app, spelled));
        refused(call, path_of(call, app, "no-id"));
      }
    }
    CHECK(asked > 500);
    CHECK(w.server.counted().denied == asked);
    CHECK(w.others() == before);
    CHECK(w.issuer.calls + w.blog_issuer.calls == calls);
    CHECK(w.engine.size() == known);
  }

  TEST_CASE("the same paths lead to what is granted, so that the refusals mean something") {
    limited_world w;
    for (auto const& call : api::all_routes()) {
      if (call.path.find("{id}") == call.path.npos || call.method == "DELETE") continue;
      for (std::string const app : {"", "main", "m%61in"}) {
        for (auto const& spelled : spellings(sample_id)) {
          auto const target = path_of(call, app, spelled);
          auto const answer = w.ask(std::string{call.method}, target, "", body_of(call));
          CHECK_MESSAGE(answer.status != 403, target);
          CHECK_MESSAGE(answer.status != 400, target);
        }
      }
    }
    CHECK(w.ask("DELETE", instance_path("/token")).status == 204);
    CHECK(w.ask("DELETE", instance_path()).status == 204);
    CHECK(error_of(w.ask("GET", "/v1/instances/no-id")) == "400 invalid_instance_id");
    CHECK(error_of(w.ask("GET", instance_path("/token?odd=1"))) == "400 unknown_parameter");
    CHECK(w.server.counted().denied == 0);
  }

  TEST_CASE("HEAD is refused like GET, and pipelined requests one by one") {
    limited_world w;
    auto const other = "/v1/instances/" + std::string{other_id} + "/token";
    auto& client = w.connect(limited_uid);
    client.send(request_text("HEAD", other));
    CHECK(client.received().starts_with("HTTP/1.1 403 "));

    auto& pipeline = w.connect(limited_uid);
    pipeline.send(request_text("GET", instance_path("/token")) + request_text("GET", other) +
                  request_text("GET", instance_path("/token")));
    w.time.advance(0s);
    CHECK(pipeline.take().status == 200);
    CHECK(pipeline.take().body == refusal);
    CHECK(pipeline.take().status == 200);
  }

  TEST_CASE("every call that names no instance in its path is known to these tests") {
    for (auto const& call : api::all_routes()) {
      if (call.path.find("{id}") != call.path.npos) continue;
      bool const tested = call.path == "/v1/instances" || call.path == "/v1/webhooks" ||
                          call.path == "/oauth2/token" || call.path == "/oauth2/token-info" ||
                          call.path == "/oauth/access" || call.needed == core::role::status;
      CHECK_MESSAGE(tested, std::string{call.path});
    }
  }

  TEST_CASE("the state of the daemon is not shown to who is limited") {
    limited_world w;
    for (auto const& call : api::all_routes()) {
      if (call.needed != core::role::status) continue;
      CHECK(w.ask(std::string{call.method}, std::string{call.path}).body == refusal);
    }
  }

  TEST_CASE("the list has what is granted and nothing else, page by page") {
    limited_world w;
    auto const list = w.ask("GET", "/v1/instances");
    CHECK(list.status == 200);
    CHECK(list.body.find(sample_id) != std::string::npos);
    CHECK(list.body.find(other_id) == std::string::npos);
    CHECK(member_of(list, "next_cursor") == "null");
    CHECK(w.ask("GET", "/v1/apps/main/instances").body == list.body);
    CHECK(w.ask("GET", "/v1/apps/blog/instances").body == refusal);
    CHECK(w.ask("GET", "/v1/apps/none/instances").body == refusal);

    // A third that is granted and not known, and one that is known and not granted.
    auto const third = std::string{"33333333-83cb-4d0e-a1c5-54f2b9e6d310"};
    w.request("PUT", "/v1/instances/" + third, "", "{}");
    auto rule = sample_only();
    rule.instances = std::vector{parsed(unknown_id), parsed(sample_id), parsed(third.c_str())};
    w.policy = policy_with(rule);
    auto const first = w.ask("GET", "/v1/instances?limit=1");
    CHECK(first.body.find(sample_id) != std::string::npos);
    CHECK(first.body.find(third) == std::string::npos);
    CHECK(member_of(first, "next_cursor") == "\"2\"");
    auto const second = w.ask("GET", "/v1/instances?limit=1&cursor=2");
    CHECK(second.body.find(third) != std::string::npos);
    CHECK(second.body.find(sample_id) == std::string::npos);
    CHECK(member_of(second, "next_cursor") == "null");
    auto const beyond = w.ask("GET", "/v1/instances?cursor=18446744073709551615");
    CHECK(beyond.body == R"({"instances":[],"next_cursor":null})");
    auto const blocked = w.ask("GET", "/v1/instances?state=blocked");
    CHECK(blocked.body == R"({"instances":[],"next_cursor":null})");
  }

  TEST_CASE("bulk registration refuses line by line") {
    limited_world w;
    auto const spelled = spellings(unknown_id)[1];
    auto const known = w.engine.size();
    auto const answer = w.ask("POST", "/v1/instances", "",
                              bulk_line(spelled) + bulk_line(sample_id) + bulk_line(other_id));
    CHECK(answer.status == 200);
    CHECK(member_of(answer, "known") == "1");
    CHECK(member_of(answer, "added") == "0");
    CHECK(member_of(answer, "failed") == "2");
    CHECK(answer.body.find("{\"line\":1,\"error\":\"access_denied\"") != std::string::npos);
    CHECK(answer.body.find("{\"line\":3,\"error\":\"access_denied\"") != std::string::npos);
    CHECK(w.engine.size() == known);
    CHECK(w.server.counted().denied == 2);
    CHECK(w.log.count("access_denied") == 1);
    CHECK(w.ask("POST", "/v1/apps/blog/instances", "", bulk_line(sample_id)).body == refusal);
  }

  TEST_CASE("bulk replacement needs the other role for each line, too") {
    limited_world w;
    auto rule = sample_only();
    rule.roles = static_cast<core::role_set>(core::role::register_);
    w.policy = policy_with(rule);
    CHECK(w.ask("POST", "/v1/instances?replace=true", "", bulk_line(sample_id)).body == refusal);
    CHECK(w.ask("PUT", instance_path("?replace=true"), "", "{}").body == refusal);

    auto manages_other = everything_for(limited_uid);
    manages_other.roles = static_cast<core::role_set>(core::role::manage);
    manages_other.instances = std::vector{parsed(other_id)};
    w.policy = core::access_policy{{rule, manages_other}, core::overflow_ids{}};
    auto const answer =
        w.ask("POST", "/v1/instances?replace=true", "", bulk_line(sample_id) + bulk_line(other_id));
    CHECK(member_of(answer, "failed") == "2");
    CHECK(w.ask("PUT", instance_path("?replace=true"), "", "{}").body == refusal);
    CHECK(w.ask("PUT", instance_path(), "", "{}").status == 200);
  }

  TEST_CASE("a webhook is taken only about what is granted") {
    using service::webhook_event;
    limited_world w;
    auto const send = [&](webhook_event event, char const* id) {
      w.verifier.says = service::webhook{event, parsed(id)};
      return w.ask("POST", "/v1/webhooks", "Content-Type: text/plain\r\n", "eyJ.a.jwt");
    };
    auto const before = w.others();
    auto const known = w.engine.size();
    CHECK(send(webhook_event::removed, other_id).body == refusal);
    CHECK(send(webhook_event::installed, other_id).body == refusal);
    CHECK(send(webhook_event::installed, unknown_id).body == refusal);
    CHECK(w.others() == before);
    CHECK(w.engine.size() == known);
    CHECK(send(webhook_event::installed, sample_id).status == 200);
    CHECK(send(webhook_event::other, "00000000-0000-0000-0000-000000000000").status == 200);
    CHECK(w.ask("POST", "/v1/apps/blog/webhooks", "", "eyJ.a.jwt").body == refusal);
  }

  TEST_CASE("the drop-in mints only for what is granted, and creates nothing else") {
    limited_world w;
    auto const mint = [&](std::string const& client, std::string const& id) {
      return w.ask("POST", "/oauth2/token", "Content-Type: application/json\r\n",
                   dropin_json(client, id));
    };
    auto const calls = w.issuer.calls + w.blog_issuer.calls;
    auto const known = w.engine.size();
    for (auto const* const id : {other_id, unknown_id}) {
      for (auto const& spelled : {spellings(id)[0], spellings(id)[1]}) {
        CHECK(mint(main_client, spelled).body == refusal);
        CHECK(mint(blog_client, spelled).body == refusal);
        CHECK(w.ask("POST", "/oauth2/token", "Content-Type: application/x-www-form-urlencoded\r\n",
                    "grant_type=client_credentials&client_id=" + std::string{main_client} +
                        "&instance_id=" + spelled)
                  .body == refusal);
      }
    }
    CHECK(mint(blog_client, sample_id).body == refusal);
    CHECK(mint(blog_client, "no-id").body == refusal);
    CHECK(mint("33333333-3333-4333-8333-333333333333", sample_id).body == refusal);
    CHECK(w.issuer.calls + w.blog_issuer.calls == calls);
    CHECK(w.engine.size() == known);
    CHECK(mint(main_client, sample_id).status == 200);
  }

  TEST_CASE("the drop-in Token Info tells of another's token no more than of none") {
    limited_world w;
    auto const token = [&](std::string const& id) {
      auto const quoted = member_of(w.get("/v1/instances/" + id + "/token"), "access_token");
      return quoted.substr(1, quoted.size() - 2);
    };
    auto const info = [&](std::string const& text) {
      return w.ask("POST", "/oauth2/token-info", "Content-Type: application/json\r\n",
                   R"({"token":")" + text + R"("})");
    };
    auto const others = token(other_id);
    CHECK(info(others).body == info("OauthNG.JWS.nobody's").body);
    CHECK(info(others).body != info(token(sample_id)).body);
  }

  TEST_CASE("who is not limited to apps may be told which there are") {
    limited_world w;
    auto rule = sample_only();
    rule.apps.reset();
    w.policy = policy_with(rule);
    CHECK(error_of(w.ask("GET", "/v1/apps/none/instances")) == "404 unknown_app");
    CHECK(w.ask("GET", "/v1/apps/blog/instances/" + std::string{sample_id}).status == 200);
    CHECK(w.ask("GET", "/v1/apps/blog/instances/" + std::string{other_id}).body == refusal);
  }

  TEST_CASE("a grant that goes away during a wait is gone, and one that comes is there") {
    limited_world w;
    w.issuer.latency = 1s;
    w.request("DELETE", instance_path("/token"));
    auto& client = w.connect(limited_uid);
    client.send(request_text("GET", instance_path("/token?wait=5")));
    auto rule = sample_only();
    rule.instances = std::vector{parsed(other_id)};
    w.policy = policy_with(rule);
    w.time.advance(3s);
    CHECK(client.take().body == refusal);

    auto const other = "/v1/instances/" + std::string{other_id};
    client.send(request_text("GET", other));  // the same connection, another policy
    CHECK(client.take().status == 200);
    client.send(request_text("GET", instance_path()));
    CHECK(client.take().body == refusal);
  }

  TEST_CASE("what a wait for the disk ends with is not shown to who may no longer see it") {
    durable_api_world w;
    w.disk.latency = 20ms;
    auto& client = w.connect();
    client.send(request_text("PUT", instance_path(), "", "{}"));
    w.time.advance(1ms);
    CHECK(client.received().empty());
    w.policy = core::access_policy{{}, core::overflow_ids{}};
    w.time.advance(60ms);
    CHECK(client.take().body == refusal);
  }
}

}  // namespace wixtokend::test
