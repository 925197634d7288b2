// What the daemon's memory holds of secrets that it no longer needs: nothing.

#include "base/base64url.hpp"
#include "integration/world.hpp"
#include "support/process_memory.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace wixtokend::test;

namespace {

constexpr std::size_t piece = 24;

// Pieces of a secret of which every stretch of 47 bytes has one in it, but for what it shares with
// another one.
std::vector<std::string> pieces_of(std::string const& secret, std::string const& other) {
  std::vector<std::string> all;
  for (std::size_t at = 0; at + piece <= secret.size(); at += piece) {
    auto one = secret.substr(at, piece);
    if (other.find(one) == std::string::npos) all.push_back(std::move(one));
  }
  REQUIRE(!all.empty());
  return all;
}

class memory_world : public world {
 public:
  memory_world() : memory_world{quiet()} {}
  explicit memory_world(world_options options) : world{std::move(options)} {
    add_store();
    add_settings("[audit]\nfile = \"" + folder().path("log-audit") + "\"\n");
    start_daemon();
    readable_ = can_read_memory(daemon().pid());
    if (!readable_) MESSAGE("the daemon's memory cannot be read here (CAP_SYS_PTRACE)");
  }

  static world_options quiet() {
    world_options options;
    options.start_daemon = false;
    options.log_level = "info";
    options.settings = "[limits]\nheader_timeout = \"5s\"\n";
    return options;
  }

  // Whether the search finds a secret that the daemon has: so it can find one.
  void check_held(std::string const& secret) {
    if (readable_) CHECK_FALSE(find_in_memory(daemon().pid(), pieces_of(secret, {})).empty());
  }

  // That nothing is left of a secret, soon: the last answer is wiped just after it is sent.
  void check_gone(std::string const& secret, std::string const& other = {}) {
    remember_secret(secret);
    if (!readable_) return;
    auto const pieces = pieces_of(secret, other);
    std::vector<memory_place> places;
    bool const gone = eventually(
        [&] {
          places = find_in_memory(daemon().pid(), pieces);
          return places.empty();
        },
        std::chrono::seconds{2});
    CHECK(gone);
    for (auto const& place : places) {
      MESSAGE(place.mapping << " + " << place.offset << ": " << place.around);
    }
  }

  std::string access_token(unsigned instance) { return text(warm_token(instance), "access_token"); }

  std::string new_code(unsigned instance) {
    auto const body = R"({"instance":")" + instance_text(instance) + "\"}";
    return text(control("POST", "codes", body), "code");
  }

  unsigned put(unsigned instance, std::string const& body, std::string const& query = {}) {
    return call("PUT", instance_path(instance) + query, body, json_type).status;
  }

  static constexpr auto json_type = "Content-Type: application/json\r\n";

 private:
  bool readable_ = false;
};

// Of the usual form, and no piece of it is in another one.
std::string refresh_token(std::string const& name) {
  std::seed_seq seed(name.begin(), name.end());
  std::mt19937 random{seed};
  std::string token = "OAUTH2." + name + ".";
  for (int i = 0; i < 160; ++i) token.push_back(static_cast<char>('a' + random() % 26));
  return token;
}

std::string refresh_body(std::string const& token) {
  return R"({"grant":"refresh_token","refresh_token":")" + token + "\"}";
}

}  // namespace

TEST_SUITE("integration.memory") {
  TEST_CASE("a token that was refused and replaced is gone, and the new one is there") {
    memory_world w;
    auto const first = w.access_token(1);
    w.check_held(first);
    REQUIRE(w.call("GET", instance_path(1) + "/token", {}, "Accept: text/plain\r\n").body == first);
    REQUIRE(w.call("POST", instance_path(1) + "/token-info").status == 200);
    auto const body = R"({"access_token":")" + first + "\"}";
    auto const answer =
        w.call("POST", instance_path(1) + "/token/reject?wait=20", body, memory_world::json_type);
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    auto const second = text(parse(answer), "access_token");
    w.check_held(second);
    w.check_gone(first, second);
  }

  TEST_CASE("a token that was dropped is gone") {
    memory_world w;
    auto const first = w.access_token(1);
    REQUIRE(w.call("DELETE", instance_path(1) + "/token").status == 204);
    auto const second = w.access_token(1);
    w.check_held(second);
    w.check_gone(first, second);
  }

  TEST_CASE("the token of an instance that was deleted is gone") {
    memory_world w;
    auto const kept = w.access_token(1);
    auto const deleted = w.access_token(2);
    w.check_held(deleted);
    REQUIRE(w.call("DELETE", instance_path(2)).status == 204);
    w.check_gone(deleted, kept);
    w.check_held(kept);
  }

  TEST_CASE("the token of an instance that was evicted for want of room is gone") {
    auto options = memory_world::quiet();
    options.settings += "max_instances = 2\n";
    memory_world w{options};
    auto const evicted = w.access_token(1);
    auto const second = w.access_token(2);
    auto const third = w.access_token(3);
    REQUIRE(w.call("GET", instance_path(1)).status == 404);
    w.check_held(third);
    w.check_gone(evicted, second + third);
  }

  TEST_CASE("a refresh token is gone after it was replaced, and after its instance was deleted") {
    memory_world w;
    auto const first = refresh_token("first");
    auto const second = refresh_token("second");
    REQUIRE(w.put(1, refresh_body(first)) == 201);
    w.check_held(first);
    REQUIRE(w.put(1, refresh_body(second), "?replace=true") == 200);
    w.check_gone(first, second);
    w.check_held(second);
    REQUIRE(w.call("DELETE", instance_path(1)).status == 204);
    w.check_gone(second);
  }

  TEST_CASE("what came from the store, in bulk or through the drop-in is gone when it is deleted") {
    memory_world w;
    auto const bulk = refresh_token("bulk");
    auto const dropped = refresh_token("dropped");
    std::string lines;
    for (auto const& [instance, token] : {std::pair{1U, bulk}, std::pair{2U, dropped}}) {
      lines += R"({"instance_id":")" + instance_text(instance) +
               R"(","grant":"refresh_token","refresh_token":")" + token + "\"}\n";
    }
    auto const ndjson = "Content-Type: application/x-ndjson\r\n";
    REQUIRE(number_of(parse(w.call("POST", "/v1/instances", lines, ndjson)), "added") == 2);
    auto const asked = R"({"grant_type":"refresh_token","client_id":")" + std::string{app_id} +
                       R"(","client_secret":"any","refresh_token":")" + dropped + "\"}";
    w.call("POST", "/oauth/access", asked, memory_world::json_type);
    w.check_held(bulk);
    w.check_held(dropped);
    SUBCASE("at once") {}
    SUBCASE("after a restart, in which they come from the store") {
      REQUIRE(w.stop_daemon() == 0);
      w.start_daemon();
      w.check_held(bulk);
      w.check_held(dropped);
    }
    REQUIRE(w.call("DELETE", instance_path(1)).status == 204);
    REQUIRE(w.call("DELETE", instance_path(2)).status == 204);
    w.check_gone(bulk);
    w.check_gone(dropped);
  }

  TEST_CASE("an app secret is gone when another one has taken its place") {
    auto options = memory_world::quiet();
    options.app_settings = "keep_warm = \"none\"\n";
    memory_world w{options};
    w.access_token(1);
    w.check_held(app_secret);
    std::string const second = "0123456789-second-secret-of-the-same-app-9876543210";
    w.control("PUT", "secret", second);
    w.folder().write("daemon-secret", second + "\n");
    REQUIRE(eventually(
        [&] { return w.daemon().errors().find("configuration_reloaded") != std::string::npos; }));
    w.access_token(2);
    REQUIRE(w.daemon().errors().find("app_secret_replaced") != std::string::npos);
    w.check_held(second);
    w.check_gone(app_secret, second);
  }

  TEST_CASE("a code is gone after its exchange, and the refresh token that it brought is there") {
    memory_world w;
    w.script(R"({"route":"access","kind":"error","status":503,"shape":"empty"})");
    auto const code = w.new_code(1);
    REQUIRE(w.put(1, R"({"grant":"authorization_code","code":")" + code + "\"}") == 201);
    w.check_held(code);
    w.script("");
    REQUIRE(w.call("POST", instance_path(1) + "/retry").status == 202);
    auto const token = w.access_token(1);
    REQUIRE(text(member(w.view(1), "codes").as_array().at(0), "outcome") == "exchanged");
    w.check_held(token);
    w.check_gone(code, token);
  }

  TEST_CASE("bodies and headers of requests leave nothing behind, in whatever form they came") {
    memory_world w;
    auto const kept = w.access_token(1);
    std::vector<std::string> sent;
    auto const fresh = [&](std::string const& name) {
      return sent.emplace_back(refresh_token(name));
    };

    // Refused for each of many reasons, or of no meaning here.
    CHECK(w.put(2, R"({"grant":"refresh_token","refresh_token":")" + fresh("unfinished")) == 400);
    CHECK(w.put(2, R"({"grant":"refresh_token","extra":")" + fresh("unknown") + "\"}") == 400);
    CHECK(w.put(2, R"({"grant":"refresh_token","refresh_token":"\u00e9)" + fresh("escaped") +
                       "\"}") == 400);
    CHECK(w.put(2, R"({"grant":")" + fresh("misplaced") + "\"}") == 400);
    auto const dropin = [&](std::string const& name, std::string const& value) {
      return R"({"grant_type":"client_credentials","client_id":")" + std::string{app_id} +
             R"(","instance_id":")" + instance_text(1) + R"(",")" + name + R"(":")" + value + "\"}";
    };
    auto const json_type = memory_world::json_type;
    CHECK(w.call("POST", "/oauth2/token", dropin("client_secret", fresh("client")), json_type)
              .status == 200);
    auto const form = std::string{"Content-Type: application/x-www-form-urlencoded\r\n"};
    CHECK(w.call("POST", "/oauth2/token",
                 "grant_type=client_credentials&client_id=" + std::string{app_id} +
                     "&instance_id=" + instance_text(1) + "&client_secret=" + fresh("form"),
                 form)
              .status == 200);
    w.call("POST", "/oauth2/token-info", R"({"token":")" + fresh("asked") + "\"}", json_type);
    w.call("POST", instance_path(1) + "/token/reject",
           R"({"access_token":")" + fresh("rejected") + "\"}", json_type);
    w.call("GET", instance_path(1) + "/token", {},
           "Authorization: Bearer " + fresh("header") + "\r\n");
    auto const basic =
        wixtokend::base64url_encode(std::string{app_id} + ":" + refresh_token("basic"));
    sent.push_back(basic);
    CHECK(w.call("POST", "/oauth2/token",
                 "grant_type=client_credentials&instance_id=" + instance_text(1),
                 form + "Authorization: Basic " + basic + "\r\n")
              .status == 200);
    sent.push_back(refresh_token("basic"));
    w.call("POST", "/v1/webhooks", fresh("webhook"), "Content-Type: text/plain\r\n");
    w.call("POST", "/v1/instances",
           R"({"instance_id":"no","refresh_token":")" + fresh("bulk") + "\"}\n",
           "Content-Type: application/x-ndjson\r\n");
    {
      auto cut = w.connect();
      cut.send("PUT " + instance_path(2) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" +
               refresh_body(fresh("half")));
    }
    w.check_held(kept);
    for (auto const& one : sent) {
      INFO(one);
      w.check_gone(one);
    }
  }

  TEST_CASE("memory is locked if that is wanted") {
    auto options = memory_world::quiet();
    options.settings += "[process]\nlock_memory = true\n";
    world w{options};
    if (!w.try_start_daemon()) {
      MESSAGE("memory cannot be locked here: " << w.daemon().errors());
      REQUIRE(::geteuid() != 0);
      return;
    }
    auto const locked = memory_of(w.daemon().pid());
    CHECK(locked.locked >= locked.resident / 2);  // but for the kernel's pages
    w.warm_token(1);
    CHECK(memory_of(w.daemon().pid()).locked >= locked.locked);
  }

  TEST_CASE("memory that may not be locked is an error at the start, with advice") {
    auto options = memory_world::quiet();
    options.settings += "[process]\nlock_memory = true\n";
    world w{options};
    auto const* const without_right = ::geteuid() == 0 ? "setpriv --bounding-set=-ipc_lock" : "";
    w.start_daemon_through(
        {"/bin/sh", "-c", std::string{"ulimit -l 64; exec "} + without_right + " \"$@\"", "sh"});
    CHECK_FALSE(w.try_start_daemon());
    CHECK(w.daemon().wait() == 71);
    CHECK(w.daemon().errors().find("LimitMEMLOCK=infinity") != std::string::npos);
  }
}
