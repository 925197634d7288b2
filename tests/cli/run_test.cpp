// The whole program but its `main`, and a socket that answers what it is told to.

#include "cli/run.hpp"

#include "support/scripted_daemon.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;
using test::json_reply;
using test::scripted_answer;

constexpr char const* id = "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";
constexpr char const* token_text = "OauthNG.JWS.secret";

std::string token_body(int generation) {
  return std::string{R"({"access_token":")"} + token_text +
         R"(","expires_in":3700,"expires_at":4700,"refresh_at":2800,"instance_id":")" + id +
         R"(","generation":)" + std::to_string(generation) + "}";
}

std::string view_body(std::string const& instance, bool durable = true) {
  return R"({"instance_id":")" + instance + R"(","state":"warm","generation":7,"durable":)" +
         (durable ? "true" : "false") + "}";
}

std::string refusal(std::string const& code, std::string const& rest = {}) {
  return R"({"error":")" + code + R"(","error_description":"No.")" + rest + "}";
}

struct world {
  test::temporary_folder folder;
  test::scripted_daemon daemon{folder.path("socket")};
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  std::vector<std::chrono::milliseconds> pauses;
  console to{in, out, err};

  world() {
    to.wall = [] { return std::chrono::milliseconds{1'000'000}; };
    to.pause = [this](std::chrono::milliseconds length) { pauses.push_back(length); };
  }

  int operator()(std::vector<std::string> arguments) {
    out.str({});
    err.str({});
    return static_cast<int>(run(parse_command_line(std::move(arguments), daemon.path()), to));
  }
  void answer(unsigned status, std::string const& body) { daemon.push(json_reply(status, body)); }
  [[nodiscard]] std::string last_request() const { return daemon.requests().back(); }
};

TEST_SUITE("cli.run") {
  TEST_CASE("get prints the token and nothing else, header a ready line") {
    world w;
    w.answer(200, token_body(7));
    CHECK(w({"get", id}) == 0);
    CHECK(w.out.str() == "OauthNG.JWS.secret\n");
    CHECK(w.err.str().empty());
    w.answer(200, token_body(7));
    CHECK(w({"header", id}) == 0);
    CHECK(w.out.str() == "Authorization: Bearer OauthNG.JWS.secret\n");
    w.answer(200, token_body(7));
    CHECK(w({"get", id, "--json"}) == 0);
    CHECK(w.out.str() ==
          R"({"access_token":"OauthNG.JWS.secret","expires_in":3700,"expires_at":4700,)"
          R"("upstream_expires_at":4700,"refresh_at":2800,"instance_id":")" +
              std::string{id} + R"(","generation":7,"cache":"HIT"})" + "\n");
    w.answer(200, token_body(7));
    CHECK(w({"header", id, "--json"}) == 0);
    CHECK(w.out.str().starts_with(R"({"Authorization":"Bearer OauthNG.JWS.secret","expires_in")"));
  }

  TEST_CASE("no other command prints a token") {
    world w;
    w.answer(200, token_body(7));
    w.answer(200, token_body(8));
    CHECK(w({"watch", id, "--count", "2"}) == 0);
    CHECK(w.out.str() ==
          "1970-01-01T00:16:40Z  generation 7, usable for 1 h 1 min, the next one in 30 min\n"
          "1970-01-01T00:16:40Z  generation 8, usable for 1 h 1 min, the next one in 30 min\n");
    w.answer(200, view_body(id));
    w.answer(200, token_body(8));
    CHECK(w({"reject", id}) == 0);
    CHECK(w.last_request().ends_with("{\"generation\":7}"));
    CHECK(w.out.str().find(token_text) == std::string::npos);
    w.answer(200, token_body(9));
    CHECK(w({"reject", id, "--generation", "8", "--json"}) == 0);
    CHECK(w.out.str().find(token_text) == std::string::npos);
    CHECK(w.out.str().find("\"generation\":9") != std::string::npos);
  }

  TEST_CASE("a watch outlives what passes, and ends with what does not") {
    world w;
    w.answer(200, token_body(7));
    w.answer(503, refusal("unavailable", R"(,"retryable":true,"retry_after":9)"));
    w.answer(404, refusal("unknown_instance", R"(,"retryable":false)"));
    CHECK(w({"watch", id}) == 67);
    CHECK(w.pauses == std::vector<std::chrono::milliseconds>{9s});
    CHECK(w.err.str().find("unavailable: No.") != std::string::npos);
  }

  TEST_CASE("a token is reported from standard input, and dropped without one") {
    world w;
    w.in.str("OauthNG.JWS.old\n");
    w.answer(200, token_body(8));
    CHECK(w({"reject", id, "--token-file", "-"}) == 0);
    CHECK(w.last_request().ends_with("{\"access_token\":\"OauthNG.JWS.old\"}"));
    w.answer(204, "");
    CHECK(w({"reject", id, "--drop"}) == 0);
    CHECK(w.last_request().starts_with("DELETE "));
    CHECK(w({"reject", id, "--token-file", w.folder.path("none")}) == 66);
  }

  TEST_CASE("each failure has its exit code, and JSON where it is asked for") {
    world w;
    std::vector<std::pair<std::pair<unsigned, char const*>, int>> const cases{
        {{400, "invalid_instance_id"}, 65}, {{403, "access_denied"}, 77},
        {{404, "unknown_instance"}, 67},    {{409, "grant_conflict"}, 73},
        {{429, "limit_reached"}, 75},       {{502, "app_refused"}, 68},
        {{503, "unavailable"}, 75},         {{404, "unknown_path"}, 76}};
    for (auto const& one : cases) {
      auto const& said = one.first;
      auto const wanted = one.second;
      w.answer(said.first, refusal(said.second));
      CHECK_MESSAGE(w({"show", id}) == wanted, said.second);
      CHECK(w.out.str().empty());
      CHECK(w.err.str().starts_with("wixtoken: " + std::string{id} + ": " + said.second + ": "));
      w.answer(said.first, refusal(said.second));
      CHECK(w({"show", id, "--json"}) == wanted);
      CHECK(w.err.str().starts_with("{\"error\":\"" + std::string{said.second} + "\""));
    }
    w.daemon.push({"garbage\r\n\r\n", scripted_answer::then::keep});
    CHECK(w({"status"}) == 76);
    CHECK(w({"status", "--socket", w.folder.path("none")}) == 69);
    CHECK(w({"status", "--socket", w.folder.path()}) == 69);
    CHECK(w({"get", id, "--timeout", "30ms"}) == 75);
    CHECK(w({"no-such"}) == 64);
  }

  TEST_CASE("a socket that does not come within --wait is missing") {
    world w;
    CHECK(w({"status", "--socket", w.folder.path("none"), "--wait", "30ms"}) == 69);
    CHECK(w.err.str().find("socket_missing") != std::string::npos);
  }

  TEST_CASE("instances are listed page by page, as a table or a line of JSON each") {
    world w;
    auto const page = [](std::string const& one, std::string const& next) {
      return R"({"instances":[)" + view_body(one) + R"(],"next_cursor":)" + next + "}";
    };
    w.answer(200, page("a", "\"7\""));
    w.answer(200, page("b", "null"));
    CHECK(w({"list"}) == 0);
    CHECK(w.last_request().find("?limit=500&cursor=7 ") != std::string::npos);
    CHECK(w.out.str().starts_with("INSTANCE "));
    CHECK(w.out.str().find("\na ") != std::string::npos);
    CHECK(w.out.str().find("\nb ") != std::string::npos);
    w.answer(200, page("a", "\"7\""));
    CHECK(w({"list", "--json", "--limit", "1", "--state", "warm"}) == 0);
    CHECK(w.last_request().find("?state=warm&limit=1 ") != std::string::npos);
    CHECK(w.out.str() == view_body("a") + "\n");
  }

  TEST_CASE("several instances are dealt with, though one fails") {
    world w;
    w.answer(404, refusal("unknown_instance"));
    w.answer(200, view_body("b"));
    CHECK(w({"show", "a", "b"}) == 67);
    CHECK(w.out.str().find("instance            b\n") != std::string::npos);
    w.answer(204, "");
    w.answer(204, "");
    CHECK(w({"remove", "a", "b"}) == 0);
    CHECK(w.out.str() == "removed a\nremoved b\n");
    w.answer(202, view_body("a"));
    CHECK(w({"retry", "a", "--json"}) == 0);
    CHECK(w.out.str() == view_body("a") + "\n");
    w.answer(200, view_body("a"));
    CHECK(w({"restore", "a"}) == 0);
    CHECK(w.last_request().find("/restore ") != std::string::npos);
  }

  TEST_CASE("instances are registered with what a file has") {
    world w;
    w.answer(201, view_body("a", false));
    w.answer(200, view_body("b"));
    CHECK(w({"add", "a", "b"}) == 0);
    CHECK(w.out.str() ==
          "added a, until the daemon restarts (it has no store)\nknown b, survives a restart\n");
    w.answer(201, view_body("a"));
    CHECK(w({"add", "a", "--replace", "--refresh-token-file",
             w.folder.write("grant", "OAUTH2.r\n")}) == 0);
    CHECK(w.last_request().find("?replace=true ") != std::string::npos);
    CHECK(w.last_request().ends_with(R"({"grant":"refresh_token","refresh_token":"OAUTH2.r"})"));
    w.in.str("OAUTH2.c\n");
    w.answer(201, view_body("a"));
    CHECK(w({"add", "a", "--code-file", "-", "--json"}) == 0);
    CHECK(w.last_request().ends_with(R"({"grant":"authorization_code","code":"OAUTH2.c"})"));
    CHECK(w({"add", "a", "--code-file", w.folder.path("none")}) == 66);
  }

  TEST_CASE("an import numbers its lines as the file does") {
    world w;
    auto const file = w.folder.write("ids", "# from the old database\na\n\nb,OAUTH2.r\nno-guid\n");
    w.answer(200, R"({"lines":3,"added":1,"known":1,"failed":1,"failures":[{"line":3,)"
                  R"("error":"invalid_instance_id","error_description":"No GUID."}]})");
    CHECK(w({"import", file}) == 65);
    CHECK(w.out.str() == "3 lines: 1 added, 1 known already, 1 failed\n");
    CHECK(w.err.str() == "line 5: invalid_instance_id: No GUID.\n");
    CHECK(w.last_request().find("OAUTH2.r") != std::string::npos);
    CHECK(w.err.str().find("OAUTH2.r") == std::string::npos);
  }

  TEST_CASE("an import is sent in batches, again where that may help, and ends where it does not") {
    world w;
    std::string lines;
    for (int i = 0; i < 1500; ++i) lines += "id-" + std::to_string(i) + "\n";
    auto const file = w.folder.write("ids", lines);
    auto const done = R"({"lines":1000,"added":1000,"known":0,"failed":0,"failures":[]})";
    w.answer(200, done);
    w.answer(503, refusal("store_failed", R"(,"retryable":true,"retry_after":3)"));
    w.answer(200, R"({"lines":500,"added":500,"known":0,"failed":0,"failures":[]})");
    CHECK(w({"import", file, "--json"}) == 0);
    CHECK(w.out.str() == R"({"lines":1500,"added":1500,"known":0,"failed":0})"
                         "\n");
    CHECK(w.pauses == std::vector<std::chrono::milliseconds>{3s});
    CHECK(w.daemon.requests().size() == 3);

    w.answer(200, done);
    w.answer(403, refusal("access_denied"));
    CHECK(w({"import", file}) == 77);
    CHECK(w.err.str().find("lines 1001 to 1500: access_denied") != std::string::npos);
    CHECK(w.out.str() == "1,000 lines: 1,000 added, 0 known already, 0 failed\n");
  }

  TEST_CASE("an import draws a bar on a terminal, and wipes it out at the end") {
    world w;
    w.to.err_is_terminal = true;
    w.to.columns = 80;
    w.answer(200, R"({"lines":1,"added":1,"known":0,"failed":0,"failures":[]})");
    CHECK(w({"import", w.folder.write("ids", "a\n")}) == 0);
    CHECK(w.err.str().empty());  // a dumb terminal
    w.to.moves_cursor = true;
    w.answer(200, R"({"lines":1,"added":1,"known":0,"failed":0,"failures":[]})");
    CHECK(w({"import", w.folder.write("ids", "a\n")}) == 0);
    CHECK(w.err.str().find("[####################] 100 %") != std::string::npos);
    CHECK(w.err.str().ends_with("\r\x1b[K"));
  }

  TEST_CASE("a line that is too long fails here, and the others go on") {
    world w;
    w.in.str(std::string(70'000, 'x') + "\na\n");
    w.answer(200, R"({"lines":1,"added":1,"known":0,"failed":0,"failures":[]})");
    CHECK(w({"import", "-"}) == 65);
    CHECK(w.err.str() == "line 1: line_too_large: The line exceeds 64 KiB.\n");
    CHECK(w.out.str() == "2 lines: 1 added, 0 known already, 1 failed\n");
    CHECK(w({"import", w.folder.path("none")}) == 66);
    CHECK(w({"import", w.folder.path()}) == 66);
    CHECK(w({"import", w.folder.write("empty", "")}) == 0);
  }

  TEST_CASE("status tells how the daemon does, and by its exit code whether it is ready") {
    world w;
    auto const status = [](std::string const& ready) {
      return R"({"version":"0.1.0","uptime_seconds":60,"ready":)" + ready + R"(,"apps":[]})";
    };
    w.answer(200, status("true"));
    CHECK(w({"status"}) == 0);
    CHECK(w.out.str().starts_with("wixtokend 0.1.0, up 1 min, ready\n"));
    w.answer(200, status("false"));
    w.answer(503, R"({"ready":false,"reasons":["Wix refuses\u001b[2J"]})");
    CHECK(w({"status"}) == 1);
    CHECK(w.out.str().find("  because      Wix refuses\\x1b[2J\n") != std::string::npos);
    w.answer(200, status("false"));
    CHECK(w({"status", "--json"}) == 1);
    CHECK(w.out.str() == status("false") + "\n");
  }

  TEST_CASE("top prints one page where there is no terminal") {
    world w;
    w.answer(200, R"({"version":"0.1.0","uptime_seconds":60,"ready":true,"apps":[)"
                  R"({"name":"main","instances":1,"kept_warm":1,"usable":1}]})");
    w.answer(200, R"({"instances":[{"instance_id":"a","state":"warm","generation":1,)"
                  R"("expires_at":1060}],"next_cursor":null})");
    CHECK(w({"top"}) == 0);
    CHECK(w.out.str().find("app main: 1 instance") != std::string::npos);
    CHECK(w.out.str().find("1m  warm") != std::string::npos);
    CHECK(w.out.str().find('\x1b') == std::string::npos);
    w.answer(403, refusal("access_denied"));
    CHECK(w({"top", "--once"}) == 77);
    w.to.out_is_terminal = true;  // but a dumb one
    w.answer(200, R"({"version":"0.1.0","uptime_seconds":60,"ready":true,"apps":[]})");
    w.answer(403, refusal("access_denied"));
    CHECK(w({"top"}) == 0);
    CHECK(w.out.str().starts_with("wixtokend 0.1.0"));
  }
}

}  // namespace
}  // namespace wixtokend::cli
