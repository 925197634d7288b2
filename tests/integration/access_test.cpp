// The access policy, with real processes of other users and groups, and in namespaces.
#include "integration/world.hpp"
#include "support/other_user.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <future>
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
  // The whole answer: its status, a blank, its body.
  [[nodiscard]] std::string answer_to(other_user const& who, std::string const& method,
                                      std::string const& target, std::string const& body = {},
                                      std::string const& headers = {}) const {
    auto const socket = folder_.path("open.sock");
    return as_other_user(who, [&] {
      auto client = raw_client::unix_socket(socket);
      auto const answer = client.request(method, target, body, headers);
      return std::to_string(answer.status) + ' ' + answer.body;
    });
  }
  // The rules as they are from now on: one text for another in the configuration.
  void change_rules(std::string const& from, std::string const& to) {
    auto text = content_of(w_.config());
    auto const at = text.find(from);
    REQUIRE(at != std::string::npos);
    w_.folder().write("wixtokend.toml", text.replace(at, from.size(), to));
    w_.daemon().signal(SIGHUP);
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

// The ways to instances that a body names, or nothing does. Of the first three only the first is
// granted.
void check_only_the_first(open_world const& w, other_user const& who) {
  auto const list = w.answer_to(who, "GET", "/v1/instances");
  CHECK(list.starts_with("200 "));
  CHECK(list.find(instance_text(1)) != std::string::npos);
  CHECK(list.find(instance_text(2)) == std::string::npos);
  CHECK(list.find(instance_text(3)) == std::string::npos);

  auto const line = [](unsigned n) { return R"({"instance_id":")" + instance_text(n) + "\"}\n"; };
  auto const bulk = w.answer_to(who, "POST", "/v1/instances", line(1) + line(2) + line(999));
  CHECK(bulk.starts_with(R"(200 {"lines":3,"added":0,"known":1,"failed":2,)"));
  CHECK_MESSAGE(bulk.find(R"({"line":2,"error":"access_denied")") != std::string::npos, bulk);
  CHECK(bulk.find(R"({"line":3,"error":"access_denied")") != std::string::npos);

  auto const held = w.answer_to(who, "GET", instance_path(2) + "/token", {},
                                "If-None-Match: \"1\"\r\nPrefer: wait=60\r\n");
  CHECK(held.starts_with(R"(403 {"error":"access_denied")"));

  auto const info = [&](unsigned n) {
    auto const got =
        w.answer_to({0, 0}, "GET", instance_path(n) + "/token", {}, "Accept: text/plain\r\n");
    REQUIRE(got.starts_with("200 "));
    return w.answer_to(who, "POST", "/oauth2/token-info", R"({"token":")" + got.substr(4) + "\"}");
  };
  CHECK(info(1).starts_with(R"(200 {"active":true,)"));
  CHECK(info(2).starts_with(R"(200 {"active":false,"subjectType":"UNKNOWN")"));
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

  TEST_CASE("lists, bulk bodies, watches and drop-in calls reach no further, nor do namespaces") {
    if (skip()) return;
    open_world w;
    for (unsigned n = 1; n <= 3; ++n) CHECK(w.token({0, 0}, n) == "200");
    other_user one{billing, 100};
    check_only_the_first(w, one);
    one.root_of_its_own = true;
    if (auto const outcome = w.token(one, 1); outcome.starts_with("failed: unshare")) {
      MESSAGE("no user namespaces here: " << outcome);
      return;
    }
    check_only_the_first(w, one);
    check_unreachable(w, one, 2);
  }

  TEST_CASE("a reload that takes a grant away ends another user's watch, and what it waits for") {
    if (skip()) return;
    open_world w;
    CHECK(w.token({0, 0}, 1) == "200");
    w.inside().script(R"({"route":"token","kind":"hang"})");
    auto const answer_to = [&](std::string const& target, std::string const& headers) {
      return std::async(std::launch::async, [&w, target, headers] {
        return w.answer_to({billing, 100}, "GET", target, {}, headers);
      });
    };
    auto const tag = w.inside().token(1).header("etag");
    auto watch =
        answer_to(instance_path(1) + "/token", "If-None-Match: " + tag + "\r\nPrefer: wait=60\r\n");
    REQUIRE(eventually([&] {
      auto const metrics = w.inside().call("GET", "/metrics").body;
      return metrics.find("\nwixtokend_waiting_callers 1\n") != std::string::npos;
    }));
    auto const begin = std::chrono::steady_clock::now();
    w.change_rules("uid = 2001", "uid = 2009");
    CHECK(watch.get().starts_with(R"(403 {"error":"access_denied")"));
    CHECK(std::chrono::steady_clock::now() - begin < 30s);
    CHECK(w.token({billing, 100}, 1) == denied);
    w.change_rules("uid = 2009", "uid = 2001");
    REQUIRE(eventually([&] { return w.token({billing, 100}, 1) == "200"; }));
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

  TEST_CASE("in namespaces of its own those from outside are the overflow user, and get nothing") {
    if (skip()) return;
    std::string const namespaces = "unshare --user --map-root-user --pid --fork --kill-child";
    auto const tried = run_process({"/bin/sh", "-c", namespaces + " true"});
    if (tried.exit_code != 0) {
      MESSAGE("no user namespaces here: " << tried.errors);
      return;
    }
    open_world w{{"/bin/sh", "-c", "exec " + namespaces + " \"$@\"", "sh"}};
    CHECK(w.token({0, 0}, 1) == "200");
    // The rules are for numbers that this daemon never sees: all others look alike to it.
    CHECK(w.token({billing, 100}, 1) == denied);
    CHECK(w.token({stranger, readers, {readers}}, 1) == denied);
    CHECK(w.token({stranger, 0}, 1) == denied);
    auto const log = w.inside().daemon().errors();
    CHECK(log.find("uid=65534 pid=0 ") != std::string::npos);  // nor does it see their process
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
