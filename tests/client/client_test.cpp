// The blocking client and a socket that answers what it is told to.

#include "wixtoken/client.hpp"

#include "support/scripted_daemon.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace wixtoken {
namespace {

using namespace std::chrono_literals;
using wixtokend::test::json_reply;
using wixtokend::test::scripted_answer;
using wixtokend::test::scripted_daemon;
using then = scripted_answer::then;

constexpr char const* id = "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";

std::string token_body(int generation) {
  return R"({"access_token":"OauthNG.JWS.)" + std::to_string(generation) +
         R"(","token_type":"Bearer","expires_in":100,"expires_at":200,"generation":)" +
         std::to_string(generation) + "}";
}

std::string refusal(std::string const& code, std::string const& rest = {}) {
  return R"({"error":")" + code + R"(","error_description":"No.")" + rest + "}";
}

struct world {
  wixtokend::test::temporary_folder folder;
  scripted_daemon daemon{folder.path("socket")};

  [[nodiscard]] options settings() const {
    options out;
    out.socket = daemon.path();
    out.timeout = 5s;
    out.reconnect_for = 0s;
    return out;
  }
};

TEST_SUITE("client.client") {
  TEST_CASE("calls of one after the other take one connection") {
    world w;
    client c{w.settings()};
    w.daemon.push(json_reply(200, token_body(1), "X-Cache: MISS\r\n"));
    w.daemon.push(json_reply(200, token_body(2)));
    auto const first = c.token(id);
    REQUIRE(first.has_value());
    CHECK(first->text.reveal() == "OauthNG.JWS.1");
    CHECK(first->cache == cache_status::miss);
    CHECK(c.token(id).value().generation == 2);
    CHECK(w.daemon.connections() == 1);
    auto const asked = w.daemon.requests().at(0);
    CHECK(
        asked.starts_with("GET /v1/instances/2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55/token?wait=4."));
  }

  TEST_CASE("a caller that does not wait says so, and gets the first answer") {
    world w;
    client c{w.settings()};
    w.daemon.push(json_reply(503, refusal("unavailable", R"(,"retryable":true,"retry_after":1)")));
    needs now;
    now.wait = false;
    now.min_valid = 60s;
    auto const none = c.token(id, now);
    REQUIRE(none.has_error());
    CHECK(none.error().code == "unavailable");
    CHECK(none.error().retryable);
    CHECK(none.error().request_id == "req-1");
    CHECK(w.daemon.requests().at(0).find("?wait=0.000&min_valid=60.000 ") != std::string::npos);
  }

  TEST_CASE("a caller that waits is not told of what is over before its time") {
    world w;
    client c{w.settings()};
    w.daemon.push(json_reply(504, refusal("wait_ended", R"(,"retryable":true)")));
    w.daemon.push(json_reply(200, token_body(3)));
    CHECK(c.token(id).value().generation == 3);
    w.daemon.push(json_reply(502, refusal("app_refused", R"(,"retryable":false)")));
    CHECK(c.token(id).error().kind == error_kind::refused_by_wix);
  }

  TEST_CASE("a daemon that is configured to wait less is asked to") {
    world w;
    client c{w.settings()};
    w.daemon.push(json_reply(400, refusal("invalid_parameter")));
    w.daemon.push(json_reply(200, token_body(1)));
    REQUIRE(c.token(id).has_value());
    CHECK(w.daemon.requests().at(1).find("?wait=1.000 ") != std::string::npos);
  }

  TEST_CASE("no call is longer than its time, whatever the daemon does") {
    world w;
    client c{w.settings()};
    needs brief;
    brief.timeout = 30ms;
    auto const hanging = c.token(id, brief);
    REQUIRE(hanging.has_error());
    CHECK(hanging.error().code == "timed_out");
    CHECK(hanging.error().description.find(w.daemon.path()) != std::string::npos);

    w.daemon.push({"HTTP/1.1 200 OK\r\nContent-Le", then::hang});
    CHECK(c.token(id, brief).error().code == "timed_out");
    CHECK(c.watch(id, 1, 30ms).error().code == "timed_out");
    w.daemon.push(json_reply(200, token_body(1)));
    CHECK(c.token(id).has_value());
    CHECK(w.daemon.connections() == 4);  // those that hang are not used again
  }

  TEST_CASE("what breaks off or is no HTTP says so") {
    world w;
    client c{w.settings()};
    w.daemon.push({"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", then::close});
    CHECK(c.view(id).error().code == "connection_lost");
    w.daemon.push({"220 mail.example.com ESMTP\r\n\r\n", then::keep});
    auto const mail = c.view(id);
    REQUIRE(mail.has_error());
    CHECK(mail.error().code == "malformed_answer");
    CHECK(mail.error().description.find("is it the socket of wixtokend?") != std::string::npos);
    w.daemon.push(json_reply(200, R"({"hello":"world"})"));
    CHECK(c.view(id).error().code == "other_version");
  }

  TEST_CASE("a connection that was closed while it was idle is not noticed") {
    world w;
    client c{w.settings()};
    w.daemon.push({json_reply(200, token_body(1)).bytes, then::close});
    w.daemon.push(json_reply(200, token_body(2)));
    REQUIRE(c.token(id).has_value());
    CHECK(c.token(id).value().generation == 2);
    CHECK(w.daemon.connections() == 2);
  }

  TEST_CASE("a daemon that is restarted is waited for, where the call may be made twice") {
    world w;
    auto settings = w.settings();
    settings.reconnect_for = 4s;
    client c{settings};
    w.daemon.push(
        {json_reply(503, refusal("stopping", R"(,"retryable":true)")).bytes, then::close});
    w.daemon.push({"", then::close});
    w.daemon.push(json_reply(200, token_body(2)));
    CHECK(c.token(id).value().generation == 2);

    w.daemon.push({"", then::close});
    CHECK(c.remove(id).error().code == "connection_lost");
    CHECK(w.daemon.requests().size() == 4);
  }

  TEST_CASE("a socket that is not there yet is waited for") {
    wixtokend::test::temporary_folder const folder;
    options settings;
    settings.socket = folder.path("socket");
    settings.reconnect_for = 0s;
    client c{settings};
    CHECK(c.status().error().code == "socket_missing");
    CHECK(c.wait_until_there(30ms).error().code == "socket_missing");

    std::thread later{[&] { CHECK(c.wait_until_there(5s).has_value()); }};
    scripted_daemon const daemon{settings.socket};
    later.join();
    CHECK(daemon.requests().empty());
  }

  TEST_CASE("paths that lead to no daemon each have their error") {
    wixtokend::test::temporary_folder const folder;
    auto const seen = [](std::string path) {
      options settings;
      settings.socket = std::move(path);
      settings.reconnect_for = 0s;
      client c{settings};
      return c.version().error().code;
    };
    CHECK(seen(folder.path()) == "not_a_socket");
    CHECK(seen(folder.write("file", "")) == "not_a_socket");
    CHECK(seen(folder.path("none")) == "socket_missing");
    CHECK(seen(folder.path("file") + "/below") == "socket_missing");
    CHECK(seen("") == "invalid_argument");
    CHECK(seen(std::string(108, 'x')) == "invalid_argument");
    {
      scripted_daemon const daemon{folder.path("dead")};
      std::filesystem::rename(folder.path("dead"), folder.path("left"));
    }
    CHECK(seen(folder.path("left")) == "not_listening");
  }

  TEST_CASE("nothing is sent to a socket of another owner") {
    world w;
    auto settings = w.settings();
    auto const self = static_cast<std::uint32_t>(::geteuid());
    settings.owners = {self + 1};
    client c{settings};
    auto const refused = c.token(id);
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "wrong_owner");
    CHECK(refused.error().kind == error_kind::not_trusted);

    settings.owners.push_back(self);
    client expected{settings};
    w.daemon.push(json_reply(200, token_body(1)));
    CHECK(expected.token(id).has_value());
    CHECK(w.daemon.requests().size() == 1);
  }

  TEST_CASE("a refused token is reported by its generation or itself") {
    world w;
    client c{w.settings()};
    w.daemon.push(json_reply(200, token_body(2)));
    w.daemon.push(json_reply(200, token_body(3)));
    CHECK(c.reject(id, 1).value().generation == 2);
    CHECK(c.reject(id, secret{"a\"b\\"}).value().generation == 3);
    auto const asked = w.daemon.requests();
    CHECK(asked.at(0).find("/token/reject?wait=") != std::string::npos);
    CHECK(asked.at(0).ends_with("\r\n\r\n{\"generation\":1}"));
    CHECK(asked.at(1).ends_with("\r\n\r\n{\"access_token\":\"a\\\"b\\\\\"}"));
    CHECK(c.reject(id, secret{}).error().code == "invalid_argument");
    CHECK(c.token("").error().code == "invalid_argument");
    CHECK(w.daemon.requests().size() == 2);
  }

  TEST_CASE("a daemon that refuses a request before it is whole is heard") {
    world w;
    client c{w.settings()};
    auto refused = json_reply(403, refusal("access_denied"));
    refused.early = true;
    w.daemon.push(refused);
    auto const outcome = c.add_many(secret{std::string(8 * 1024 * 1024, 'x')});
    REQUIRE(outcome.has_error());
    CHECK(outcome.error().code == "access_denied");
    w.daemon.push(json_reply(200, token_body(1)));
    CHECK(c.token(id).has_value());
    CHECK(w.daemon.connections() == 2);  // the rest of that request stands in the first one
  }

  TEST_CASE("a daemon whose queue of connections is full is waited for, but not for ever") {
    wixtokend::test::temporary_folder const folder;
    wixtokend::test::deaf_socket const deaf{folder.path("socket")};
    options settings;
    settings.socket = folder.path("socket");
    settings.timeout = 40ms;
    client c{settings};
    auto const refused = c.version();
    REQUIRE(refused.has_error());
    CHECK(refused.error().code == "timed_out");
    CHECK(refused.error().description.find("full queue") != std::string::npos);
  }

  TEST_CASE("a watch ends with the next token, or with none") {
    world w;
    client c{w.settings()};
    w.daemon.push(json_reply(200, token_body(2)));
    auto const next = c.watch(id, 1, 10s);
    REQUIRE(next.has_value());
    REQUIRE(next->has_value());
    CHECK((*next)->generation == 2);
    auto const asked = w.daemon.requests().at(0);
    CHECK(asked.find("If-None-Match: \"1\"\r\n") != std::string::npos);
    CHECK(asked.find("Prefer: wait=9\r\n") != std::string::npos);

    w.daemon.push(json_reply(304, ""));
    auto const none = c.watch(id, 2, 60ms);
    REQUIRE(none.has_value());
    CHECK_FALSE(none->has_value());
    CHECK(w.daemon.requests().at(1).find("Prefer") == std::string::npos);
  }

  TEST_CASE("each call has its request") {
    world w;
    auto settings = w.settings();
    settings.app = "shop";
    client c{settings};
    std::string const view = R"({"instance_id":"i","state":"warm","generation":1})";
    for (auto const status : {200U, 201U, 202U, 200U}) w.daemon.push(json_reply(status, view));
    CHECK(c.view("i").value().state == "warm");
    CHECK(c.add("i", registration::refresh_token(secret{"r"}, true)).value().is_new);
    CHECK(c.retry("i").has_value());
    CHECK(c.restore("i").has_value());
    w.daemon.push(json_reply(204, ""));
    w.daemon.push(json_reply(204, ""));
    CHECK(c.remove("i").has_value());
    CHECK(c.drop_token("i").has_value());
    w.daemon.push(json_reply(200, R"({"instances":[],"next_cursor":null})"));
    list_request which;
    which.state = "blocked";
    which.limit = 50;
    which.cursor = "7";
    CHECK(c.list(which).value().instances.empty());
    w.daemon.push(json_reply(200, R"({"lines":1,"added":1,"known":0,"failed":0,"failures":[]})"));
    CHECK(c.add_many(secret{"{}\n"}, true).value().added == 1);

    std::vector<std::string> first_lines;
    for (auto const& one : w.daemon.requests())
      first_lines.push_back(one.substr(0, one.find(" H")));
    CHECK(first_lines ==
          std::vector<std::string>{
              "GET /v1/apps/shop/instances/i", "PUT /v1/apps/shop/instances/i?replace=true",
              "POST /v1/apps/shop/instances/i/retry", "POST /v1/apps/shop/instances/i/restore",
              "DELETE /v1/apps/shop/instances/i", "DELETE /v1/apps/shop/instances/i/token",
              "GET /v1/apps/shop/instances?state=blocked&limit=50&cursor=7",
              "POST /v1/apps/shop/instances?replace=true"});
  }

  TEST_CASE("threads may share a client") {
    world w;
    client c{w.settings()};
    for (int i = 0; i < 40; ++i) w.daemon.push(json_reply(200, token_body(1)));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 10; ++n) CHECK(c.token(id).has_value());
      });
    }
    for (auto& one : threads) one.join();
    CHECK(w.daemon.requests().size() == 40);
    CHECK(w.daemon.connections() <= 4);
  }
}

}  // namespace
}  // namespace wixtoken
