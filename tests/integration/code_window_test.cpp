// The moment that no store can close: the upstream has committed, the daemon has not
// (docs/state.md, "Codes, refresh tokens, and the moment between").

#include "integration/world.hpp"

#include <boost/json/array.hpp>
#include <doctest/doctest.h>

#include <string>

using namespace wixtokend::test;
namespace json = boost::json;

namespace {

// The emulator decides at once and answers a minute later: the window, held open.
constexpr auto held_back = R"({"route":"access","delay_ms":60000})";

class window_world : public world {
 public:
  explicit window_world(std::string const& app_settings = {}) : world{options_with(app_settings)} {
    add_store();
    start_daemon();
  }

  std::string new_code() {
    auto code =
        text(control("POST", "codes", R"({"instance":")" + instance_text(1) + "\"}"), "code");
    remember_secret(code);
    return code;
  }

  raw_response put_code(std::string const& code) {
    return call("PUT", instance_path(1),
                R"({"grant":"authorization_code","code":")" + code + "\"}");
  }

  // What became of the newest code.
  json::value newest_code() {
    auto const codes = member(view(1), "codes").as_array();
    REQUIRE_FALSE(codes.empty());
    return codes.back();
  }

  bool newest_code_is(std::string const& outcome) {
    return eventually([&] { return text(newest_code(), "outcome") == outcome; });
  }

  // Until the upstream has decided on one more request, whose answer is on its way.
  void wait_for_upstream(std::uint64_t before) {
    REQUIRE(eventually([&] { return requests("access") == before + 1; }));
  }

  // Puts a code, which the upstream takes, and kills the daemon before it hears of that.
  void lose_exchange(std::string const& code) {
    script(held_back);
    auto const before = requests("access");
    auto const answer = put_code(code);
    REQUIRE_MESSAGE(answer.status == 201, answer.body);
    wait_for_upstream(before);
    CHECK(text(newest_code(), "outcome") == "pending");
    kill_daemon();
    script("");
    start_daemon();
  }

 private:
  static world_options options_with(std::string const& app_settings) {
    world_options options;
    options.app_settings = app_settings;
    options.start_daemon = false;
    return options;
  }
};

}  // namespace

TEST_SUITE("integration.code_window") {
  TEST_CASE("killed between the upstream's success and the disk: the fallback, and it is said so") {
    window_world w;
    auto const code = w.new_code();
    w.lose_exchange(code);
    REQUIRE(w.newest_code_is("refused"));
    CHECK(number_of(member(w.newest_code(), "why"), "status") == 400);
    CHECK(text(w.view(1), "grant") == "client_credentials");
    CHECK(member(w.view(1), "registered").as_bool());
    w.warm_token(1);
    CHECK(w.mints(1) >= 2);  // the lost one, and the fallback's
    CHECK(w.requests("access") == 2);

    // It is decided for good: neither the same code again nor another restart tries it once more.
    CHECK(w.put_code(code).status == 200);
    CHECK(w.stop_daemon() == 0);
    w.start_daemon();
    CHECK(text(w.newest_code(), "outcome") == "refused");
    CHECK(w.put_code(code).status == 200);
    CHECK(text(w.newest_code(), "outcome") == "refused");
    CHECK(w.requests("access") == 2);

    // A new code mends it.
    REQUIRE(w.put_code(w.new_code()).status == 200);
    REQUIRE(w.newest_code_is("exchanged"));
    CHECK(text(w.view(1), "grant") == "refresh_token");
  }

  TEST_CASE("killed in the same moment without a fallback: it waits for another grant") {
    window_world w{"fallback_to_client_credentials = false"};
    w.lose_exchange(w.new_code());
    REQUIRE(w.newest_code_is("refused"));
    CHECK(text(w.view(1), "grant") == "none");
    auto const answer = w.token(1, "?wait=1");
    CHECK_MESSAGE(answer.status != 200, answer.body);
    CHECK(w.requests("token") == 0);
    REQUIRE(w.put_code(w.new_code()).status == 200);
    REQUIRE(w.newest_code_is("exchanged"));
    w.warm_token(1);
  }

  TEST_CASE("a code whose exchange is on the disk is not exchanged again") {
    window_world w;
    auto const code = w.new_code();
    CHECK(w.put_code(code).status == 201);
    REQUIRE(w.newest_code_is("exchanged"));  // it is called so when it is on the disk
    w.kill_daemon();
    auto const before = w.requests("access");
    w.start_daemon();
    CHECK(text(w.newest_code(), "outcome") == "exchanged");
    CHECK(text(w.view(1), "grant") == "refresh_token");
    CHECK(w.put_code(code).status == 200);
    CHECK(text(w.newest_code(), "outcome") == "exchanged");
    w.warm_token(1);
    CHECK(w.requests("access") <= before + 1);  // a refresh, if its first token was not written
  }

  TEST_CASE("a code that was put but not sent yet is exchanged after the kill") {
    window_world w;
    w.script(R"({"route":"access","kind":"error","status":503,"shape":"empty"})");
    CHECK(w.put_code(w.new_code()).status == 201);
    w.kill_daemon();
    w.script("");
    w.start_daemon();
    REQUIRE(w.newest_code_is("exchanged"));
    CHECK(text(w.view(1), "grant") == "refresh_token");
    w.warm_token(1);
  }

  TEST_CASE("a refresh token that was replaced upstream but not here blocks, until another grant") {
    window_world w;
    w.control("POST", "settings", R"({"rotate_refresh_tokens":true})");
    CHECK(w.put_code(w.new_code()).status == 201);
    REQUIRE(w.newest_code_is("exchanged"));
    w.warm_token(1);
    w.script(held_back);
    auto const before = w.requests("access");
    CHECK(w.call("DELETE", instance_path(1) + "/token").status == 204);
    w.wait_for_upstream(before);
    w.kill_daemon();
    w.script("");
    w.start_daemon();
    REQUIRE(eventually([&] { return text(w.view(1), "state") == "blocked"; }));
    CHECK(number_of(member(w.view(1), "last_error"), "status") == 400);
    CHECK(w.token(1, "?wait=0").status == 502);
    REQUIRE(w.put_code(w.new_code()).status == 200);
    REQUIRE(w.newest_code_is("exchanged"));
    w.warm_token(1);
  }
}
