// The access policy, with real processes of other users and groups, and in namespaces.
#include "integration/world.hpp"
#include "support/other_user.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

// Services that do not trust each other, and a group of readers.
constexpr uid_t billing = 2001;
constexpr uid_t reports = 2002;
constexpr uid_t stranger = 2003;
constexpr gid_t readers = 3001;
constexpr gid_t probes = 3002;

std::string rules() {
  return "[[access]]\nuser = \"root\"\nroles = [\"read\", \"register\", \"manage\", \"status\"]\n\n"
         "[[access]]\nuid = 2001\nroles = [\"read\", \"register\", \"manage\"]\napps = [\"main\"]\n"
         "instances = [\"" +
         instance_text(1) +
         "\"]\n\n"
         "[[access]]\nuid = 2002\nroles = [\"read\"]\ninstances = [\"" +
         instance_text(2) +
         "\"]\n\n"
         "[[access]]\ngid = 3001\nroles = [\"read\"]\n\n"
         "[[access]]\ngid = 3002\nroles = [\"status\"]\n\n";
}

// A daemon with a socket that everybody may connect to.
class open_world {
 public:
  explicit open_world(std::vector<std::string> const& starter = {})
      : w_{options_for(folder_.path("open.sock"))} {
    REQUIRE(::chmod(folder_.path().c_str(), 0755) == 0);
    w_.start_daemon_through(starter);
    w_.start_daemon();
  }

  [[nodiscard]] world& inside() { return w_; }

  // The answer's status, and the error code that it has.
  [[nodiscard]] std::string ask(other_user const& who, std::string const& method,
                                std::string const& target, std::string const& body = {}) const {
    auto const socket = folder_.path("open.sock");
    return as_other_user(who, [&] {
      auto client = raw_client::unix_socket(socket);
      auto const type = body.starts_with('{') ? "Content-Type: application/json\r\n" : "";
      auto const answer = client.request(method, target, body, type);
      return std::to_string(answer.status) + code_in(answer.body);
    });
  }
  [[nodiscard]] std::string token(other_user const& who, unsigned instance) const {
    return ask(who, "GET", instance_path(instance) + "/token?wait=20");
  }

 private:
  static world_options options_for(std::string const& socket) {
    world_options options;
    options.settings =
        "[[socket]]\nname = \"open\"\npath = \"" + socket + "\"\nmode = \"0666\"\n\n" + rules();
    options.instances = {instance_text(1), instance_text(2), instance_text(3)};
    options.start_daemon = false;
    return options;
  }

  static std::string code_in(std::string const& body) {
    constexpr std::string_view mark = R"({"error":")";
    if (!body.starts_with(mark)) return {};
    return " " + body.substr(mark.size(), body.find('"', mark.size()) - mark.size());
  }

  temporary_folder folder_;
  world w_;
};

bool skip() {
  if (may_be_others()) return false;
  MESSAGE("skipped: only root can become other users");
  return true;
}

constexpr auto denied = "403 access_denied";

// All ways to an instance that its path or body names, in all spellings.
void check_unreachable(open_world const& w, other_user const& who, unsigned instance) {
  auto const id = instance_text(instance);
  auto upper = id;
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  auto const encoded = "%3" + id.substr(0, 1) + id.substr(1);
  for (auto const& spelled : {id, upper, encoded}) {
    for (std::string const prefix : {"/v1/instances/", "/v1/apps/main/instances/"}) {
      auto const path = prefix + spelled;
      CHECK_MESSAGE(w.ask(who, "GET", path) == denied, path);
      CHECK_MESSAGE(w.ask(who, "GET", path + "/token") == denied, path);
      CHECK_MESSAGE(w.ask(who, "POST", path + "/token/reject", R"({"generation":1})") == denied,
                    path);
    }
  }
  CHECK(w.ask(who, "PUT", instance_path(instance), "{}") == denied);
  CHECK(w.ask(who, "DELETE", instance_path(instance)) == denied);
  CHECK(w.ask(who, "DELETE", instance_path(instance) + "/token") == denied);
  CHECK(w.ask(who, "POST", instance_path(instance) + "/token-info") == denied);
  CHECK(w.ask(who, "POST", "/oauth2/token",
              R"({"grant_type":"client_credentials","client_id":")" + std::string{app_id} +
                  R"(","instance_id":")" + id + "\"}") == denied);
}

}  // namespace

TEST_SUITE("integration.access") {
  TEST_CASE("services of different users reach their own instances only") {
    if (skip()) return;
    open_world w;
    other_user const one{billing, 100};
    other_user const two{reports, 100};
    CHECK(w.token(one, 1) == "200");
    CHECK(w.token(two, 2) == "200");
    CHECK(w.token({0, 0}, 1) == "200");
    check_unreachable(w, one, 2);
    check_unreachable(w, one, 999);  // not known: the answer is the same
    check_unreachable(w, two, 1);

    auto const list = as_other_user(one, [&] {
      auto client = raw_client::unix_socket(w.inside().socket());
      return client.request("GET", "/v1/instances").body;
    });
    CHECK(list.starts_with("failed: connect failed"));  // the other socket is the daemon's own
    CHECK(w.ask(one, "GET", "/v1/instances") == "200");
    CHECK(w.ask(two, "GET", "/v1/instances") == denied);
    CHECK(w.ask(one, "GET", "/v1/status") == denied);
    CHECK(w.ask(one, "GET", "/v1/apps/none/instances") == denied);
    CHECK(w.inside().mints(2) == 1);
  }

  TEST_CASE("whoever no rule is for reaches nothing at all") {
    if (skip()) return;
    open_world w;
    other_user const who{stranger, stranger};
    check_unreachable(w, who, 1);
    for (std::string const path : {"/healthz", "/readyz", "/v1/status", "/version", "/v1/instances",
                                   "/v1/instances/no-id/token"}) {
      CHECK_MESSAGE(w.ask(who, "GET", path) == denied, path);
    }
    CHECK(w.ask(who, "POST", "/v1/instances", "{}") == denied);
    CHECK(w.ask(who, "POST", "/v1/webhooks", "x") == denied);
    // Its own name is nobody's, however often it asks; the log says so now and then.
    CHECK(number_of(parse(w.inside().call("GET", "/v1/status")), "requests_denied") > 30);
    auto const log = w.inside().daemon().errors();
    auto const first = log.find("access_denied");
    REQUIRE(first != std::string::npos);
    CHECK(log.find("uid=2003", first) != std::string::npos);
  }

  TEST_CASE("a group counts as primary and as supplementary one") {
    if (skip()) return;
    open_world w;
    CHECK(w.token({stranger, readers}, 3) == "200");
    CHECK(w.token({stranger, 100, {readers}}, 3) == "200");
    std::vector<gid_t> many;  // more than fit where they are read first
    for (gid_t gid = 5000; gid < 5100; ++gid) many.push_back(gid);
    CHECK(w.token({stranger, 100, many}, 3) == denied);
    many.push_back(readers);
    CHECK(w.token({stranger, 100, many}, 3) == "200");
    CHECK(w.token({readers, 100}, 3) == denied);  // a uid is no gid
    CHECK(w.ask({stranger, 100, {readers}}, "GET", "/healthz") == denied);
    CHECK(w.ask({stranger, 100, {readers, probes}}, "GET", "/healthz") == "200");
    CHECK(w.ask({stranger, 100, {probes}}, "GET", instance_path(1)) == denied);
    // What a user's rule grants and what a group's does add up.
    CHECK(w.token({billing, 100, {readers}}, 3) == "200");
    CHECK(w.ask({billing, 100, {readers}}, "DELETE", instance_path(3)) == denied);
  }

  TEST_CASE("root of a namespace is who made it, and nobody is nobody") {
    if (skip()) return;
    open_world w;
    other_user within{stranger, 100};
    within.root_of_its_own = true;
    auto const outcome = w.token(within, 1);
    if (outcome.starts_with("failed: unshare")) {
      MESSAGE("no user namespaces here: " << outcome);
    } else {
      CHECK(outcome == denied);
      within.uid = billing;
      CHECK(w.token(within, 1) == "200");
      CHECK(w.token(within, 2) == denied);
    }
    CHECK(w.token({65'534, 65'534}, 1) == denied);
    CHECK(w.token({65'534, readers}, 1) == denied);
  }

  TEST_CASE("in a user namespace those from outside are the overflow user, and get nothing") {
    if (skip()) return;
    auto const tried = run_process({"/bin/sh", "-c", "unshare --user --map-root-user true"});
    if (tried.exit_code != 0) {
      MESSAGE("no user namespaces here: " << tried.errors);
      return;
    }
    open_world w{{"/bin/sh", "-c", "exec unshare --user --map-root-user \"$@\"", "sh"}};
    CHECK(w.token({0, 0}, 1) == "200");
    // The rules are for numbers that this daemon never sees: all others look alike to it.
    CHECK(w.token({billing, 100}, 1) == denied);
    CHECK(w.token({stranger, readers, {readers}}, 1) == denied);
    CHECK(w.token({stranger, 0}, 1) == denied);
    auto const log = w.inside().daemon().errors();
    CHECK(log.find("uid=65534") != std::string::npos);
  }

  TEST_CASE("a rule for the overflow user ends the start, and check says what is granted") {
    world_options options;
    options.settings = rules();
    world w{options};
    auto const check = [&] {
      return run_process({program("wixtokend"), "check", "--config", w.config()}, {}, 10s);
    };
    auto const good = check();
    CHECK(good.exit_code == 0);
    CHECK_MESSAGE(good.output.find("  uid 2001: read, register, manage; instance " +
                                   instance_text(1) + " of app main\n") != std::string::npos,
                  good.output);
    CHECK(good.output.find("  gid 3001: read; all instances of all apps\n") != std::string::npos);
    w.stop_daemon();
    w.add_settings("[[access]]\nuid = 65534\nroles = [\"read\"]\n");
    CHECK_FALSE(w.try_start_daemon());
    CHECK(w.daemon().wait() == 78);
    CHECK(
        w.daemon().errors().find("access.uid: uid 65534 is what the kernel shows for every user") !=
        std::string::npos);
  }
}
