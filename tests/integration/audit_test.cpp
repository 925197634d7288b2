// The audit log of the running daemon: what it holds, that logrotate works, and a full disk.

#include "integration/world.hpp"
#include "support/other_user.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

using namespace wixtokend::test;
namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

world_options quiet() {
  world_options options;
  options.log_level = "info";
  options.start_daemon = false;
  return options;
}

// The file's name makes the world search it for secrets at its end.
class audited_world : public world {
 public:
  explicit audited_world(std::string const& more = {}) : world{quiet()} {
    add_settings("[audit]\nfile = \"" + file() + "\"\n" + more);
  }

  [[nodiscard]] std::string file() const { return folder().path("log-audit"); }

  // The whole lines: another one may be on its way.
  [[nodiscard]] static std::vector<json::value> records(std::string const& of) {
    std::vector<json::value> out;
    std::istringstream in{content_of(of)};
    for (std::string line; std::getline(in, line) && !in.eof();) out.push_back(json::parse(line));
    return out;
  }
  [[nodiscard]] std::vector<json::value> records() const { return records(file()); }

  // Waits for so many.
  std::vector<json::value> await_records(std::size_t count) {
    REQUIRE(eventually([&] { return records().size() >= count; }));
    auto found = records();
    REQUIRE(found.size() == count);
    return found;
  }
};

std::string first_digits_of_sha256(temporary_folder const& folder, std::string const& text) {
  auto const run = run_process({"sha256sum", folder.write("to-digest", text)});
  REQUIRE(run.exit_code == 0);
  return run.output.substr(0, 16);
}

constexpr std::size_t ring_size = 16'384;

// Asks for the token of the first instance so many times. @returns how many got it.
std::size_t ask_often(world& w, std::size_t count) {
  constexpr std::size_t at_once = 200;
  auto client = w.connect();
  std::string requests;
  for (std::size_t i = 0; i < at_once; ++i) {
    requests += "GET " + instance_path(1) +
                "/token HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n\r\n";
  }
  std::size_t good = 0;
  for (std::size_t sent = 0; sent < count; sent += at_once) {
    REQUIRE(client.send(requests));
    for (std::size_t i = 0; i < at_once; ++i) {
      if (client.receive().status == 200) ++good;
    }
  }
  return good;
}

}  // namespace

TEST_SUITE("integration.audit") {
  TEST_CASE("who got which token is told, with the kernel's word, and never the token") {
    audited_world w;
    w.start_daemon();
    auto const token = text(w.warm_token(1), "access_token");
    w.call("GET", instance_path(1) + "/token", {},
           "Accept: text/plain\r\nX-Request-Id: quote\"d\r\n");
    auto const found = w.await_records(2);
    CHECK(text(found[0], "path") == "/v1/instances/{id}/token");
    CHECK(text(found[0], "app") == "main");
    CHECK(text(found[0], "socket") == "main");
    CHECK(text(found[0], "instance") == instance_text(1));
    CHECK(text(found[0], "token_sha256") == first_digits_of_sha256(w.folder(), token));
    CHECK(number_of(found[0], "uid") == ::geteuid());
    CHECK(number_of(found[0], "gid") == ::getegid());
    CHECK(number_of(found[0], "pid") == ::getpid());
    CHECK(text(found[1], "request_id") == "quote\"d");
    struct stat facts {};
    REQUIRE(::stat(w.file().c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);
    CHECK(content_of(w.file()).find(token) == std::string::npos);
    auto const audit = member(parse(w.call("GET", "/v1/status")), "audit");
    CHECK(number_of(audit, "recorded") == 2);
    CHECK(number_of(audit, "lost") == 0);
    CHECK(w.stop_daemon() == 0);
    w.start_daemon();
    w.warm_token(1);
    CHECK(w.await_records(3).size() == 3);  // what was there stays
  }

  TEST_CASE("a peer in namespaces of its own is told as who it is outside, without its pid there") {
    if (!may_be_others()) {
      MESSAGE("skipped: only root can become other users");
      return;
    }
    temporary_folder const folder;
    REQUIRE(::chmod(folder.path().c_str(), 0755) == 0);
    auto const socket = folder.path("open.sock");
    audited_world w{"\n[[socket]]\nname = \"open\"\npath = \"" + socket +
                    "\"\nmode = \"0666\"\n\n[[access]]\nuid = 2001\nroles = [\"read\"]\n"};
    w.start_daemon();
    auto const ask = [&](other_user const& who) {
      return as_other_user(who, [&] {
        auto client = raw_client::unix_socket(socket);
        auto const target = instance_path(1) + "/token?wait=20";
        auto const answer = client.request("GET", target);
        return std::to_string(answer.status) + ' ' + std::to_string(::getpid());
      });
    };
    auto const plain = ask({2001, 3001});
    REQUIRE(plain.starts_with("200 "));
    auto found = w.await_records(1);
    CHECK(number_of(found[0], "uid") == 2001);
    CHECK(number_of(found[0], "gid") == 3001);
    CHECK(text(found[0], "socket") == "open");
    CHECK(std::to_string(number_of(found[0], "pid")) == plain.substr(4));
    CHECK(ask({2002, 3001}).starts_with("403 "));

    other_user within{2001, 3001};
    within.root_of_its_own = true;
    auto const inside = ask(within);
    if (inside.starts_with("failed: unshare")) {
      MESSAGE("no user namespaces here: " << inside);
      return;
    }
    REQUIRE(inside == "200 1");  // it is the first process there
    found = w.await_records(2);
    CHECK(number_of(found[1], "uid") == 2001);
    CHECK(number_of(found[1], "gid") == 3001);
    CHECK(number_of(found[1], "pid") > 1);  // the daemon's own namespace sees it
  }

  TEST_CASE("SIGHUP begins a new file, even if the configuration is refused") {
    audited_world w;
    w.start_daemon();
    w.warm_token(1);
    w.await_records(1);
    fs::rename(w.file(), w.file() + ".1");
    w.token(1);
    REQUIRE(eventually([&] { return audited_world::records(w.file() + ".1").size() == 2; }));
    w.set_app_settings("on_demand = fals");
    w.write_config();
    w.daemon().signal(SIGHUP);
    REQUIRE(eventually([&] { return fs::exists(w.file()); }));
    w.token(1);
    CHECK(w.await_records(1).size() == 1);
    CHECK(audited_world::records(w.file() + ".1").size() == 2);
    CHECK(w.daemon().errors().find("reload_refused") != std::string::npos);
  }

  // The limit of a file's size takes the place of a disk without room. The daemon's own log is
  // shorter, and goes on.
  TEST_CASE("without room on the disk no token goes out unrecorded, if that is wanted") {
    audited_world w{"overflow = \"refuse\"\n"};
    w.start_daemon_through({"/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"});
    std::string padding;
    for (int i = 0; i < 20'000; ++i)
      padding += R"({"earlier":"a line of another time"})"
                 "\n";
    w.folder().write("log-audit", padding);
    w.start_daemon();
    w.warm_token(1);
    w.await_records(20'001);
    auto const limit_to = [&w](rlim_t size) {
      rlimit const limit{size, RLIM_INFINITY};
      REQUIRE(::prlimit(w.daemon().pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
    };
    limit_to(fs::file_size(w.file()));
    CHECK(ask_often(w, 200) == 200);  // they wait in memory
    REQUIRE(eventually([&] { return w.call("GET", "/readyz").status == 503; }));
    CHECK(w.call("GET", "/readyz").body.find("the audit log cannot be written") !=
          std::string::npos);
    auto const handed_out = 201 + ask_often(w, ring_size + 2'000);
    auto const refused = w.call("GET", instance_path(1) + "/token");
    CHECK(refused.status == 503);
    CHECK(text(parse(refused), "error") == "audit_failed");
    CHECK(handed_out >= ring_size);
    CHECK(handed_out <= ring_size + 600);
    CHECK(w.call("GET", instance_path(1)).status == 200);  // nothing else is held up

    limit_to(RLIM_INFINITY);
    REQUIRE(eventually([&] { return w.call("GET", instance_path(1) + "/token").status == 200; }));
    auto const audit = member(parse(w.call("GET", "/v1/status")), "audit");
    CHECK(number_of(audit, "lost") == 0);
    CHECK(number_of(audit, "refused") > 0);
    auto const recorded = static_cast<std::size_t>(number_of(audit, "recorded"));
    CHECK(recorded == handed_out + 1);
    w.await_records(20'000 + recorded);
    auto const log = w.daemon().errors();
    CHECK(log.find("audit_write_failed") != std::string::npos);
    CHECK(log.find("audit_works_again") != std::string::npos);
  }

  TEST_CASE("an audit log that cannot be opened ends the start, and says why") {
    world w{quiet()};
    w.add_settings("[audit]\nfile = \"" + w.folder().path("none/audit.log") + "\"\n");
    CHECK_FALSE(w.try_start_daemon());
    CHECK(w.daemon().wait() == 73);
    CHECK(w.daemon().errors().find("audit.log cannot be opened: No such file or directory") !=
          std::string::npos);
  }
}
