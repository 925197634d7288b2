// What the daemon leaves behind on disks holds no secret in the clear.

#include "integration/world.hpp"

#include <boost/json/array.hpp>
#include <doctest/doctest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend::test;
namespace json = boost::json;

namespace {

constexpr std::size_t piece = 16;

// Whether `bytes` holds any part of the secret that is long enough to be of use. Every stretch of
// 31 bytes of it has a whole piece in it, so one that is torn apart by a page's end is found, too.
bool holds(std::string_view bytes, std::string_view secret) {
  REQUIRE(secret.size() >= piece);
  for (std::size_t at = 0; at + piece <= secret.size(); at += piece) {
    if (bytes.find(secret.substr(at, piece)) != std::string_view::npos) return true;
  }
  return false;
}

void check_clean(std::string const& file, std::vector<std::string> const& secrets) {
  auto const bytes = content_of(file);
  REQUIRE_MESSAGE(!bytes.empty(), file);
  for (auto const& secret : secrets) {
    CHECK_MESSAGE(!holds(bytes, secret), "a secret stands in " << file);
    // The search would find it in exactly these bytes, whole or torn.
    auto planted = bytes;
    planted.insert(bytes.size() / 2, secret.substr(secret.size() / 2 - piece, 2 * piece));
    CHECK(holds(planted, secret));
  }
}

// A store with every kind of secret in it.
class secrets_world : public world {
 public:
  secrets_world() : world{quiet()} {
    add_store();
    start_daemon_in_dump_folder();
    fill();
  }

  [[nodiscard]] std::string dump_folder() const { return folder().path("dumps"); }
  [[nodiscard]] std::vector<std::string> const& secrets() const noexcept { return found_; }

 private:
  static world_options quiet() {
    world_options options;
    options.start_daemon = false;
    return options;
  }

  // As somebody does who looks for a crash: dumps of any size, into the working folder.
  void start_daemon_in_dump_folder() {
    std::filesystem::create_directory(dump_folder());
    start_daemon_through(
        {"/bin/sh", "-c", "cd '" + dump_folder() + "' && ulimit -c unlimited; exec \"$@\"", "sh"});
    start_daemon();
  }

  void keep(std::string secret) {
    found_.push_back(secret);
    remember_secret(std::move(secret));
  }

  std::string new_code(unsigned instance) {
    auto const made =
        control("POST", "codes", R"({"instance":")" + instance_text(instance) + "\"}");
    keep(text(made, "code"));
    return found_.back();
  }

  void put_code(unsigned instance) {
    auto const body = R"({"grant":"authorization_code","code":")" + new_code(instance) + "\"}";
    REQUIRE(call("PUT", instance_path(instance), body).status == 201);
  }

  void put_refresh_token(unsigned instance, std::string const& token) {
    keep(token);
    auto const body = R"({"grant":"refresh_token","refresh_token":")" + token + "\"}";
    REQUIRE(call("PUT", instance_path(instance), body).status == 201);
  }

  void fill() {
    keep(app_secret);
    auto const key = content_of(folder().path("store-key"));
    keep(key.substr(key.rfind(':') + 1, 32));  // of the key that the store is sealed with
    put_refresh_token(6, "OAUTH2.fake-refresh-token-that-is-deleted-again-0123456789");
    REQUIRE(call("DELETE", instance_path(6)).status == 204);  // the log is emptied by it
    for (unsigned n = 1; n <= 3; ++n) {
      register_all(n, n);
      keep(text(warm_token(n), "access_token"));
    }
    put_code(4);  // becomes a refresh token
    keep(text(warm_token(4), "access_token"));
    script(R"({"route":"access","kind":"error","status":503,"shape":"empty"})");
    put_code(7);  // stays pending: the upstream fails
    CHECK(text(member(view(7), "codes").as_array().at(0), "outcome") == "pending");
    // This is answered when all that had changed before is on the disk, too.
    put_refresh_token(5, "OAUTH2.fake-refresh-token-that-is-kept-over-restarts-0123456789");
    auto const inside = run_process({program("wixtokend"), "check", "--store", "-c", config()});
    REQUIRE_MESSAGE(inside.exit_code == 0, inside.errors);
    CHECK_MESSAGE(inside.output.find("4 access tokens") != std::string::npos, inside.output);
    CHECK_MESSAGE(inside.output.find("2 refresh tokens, 1 code ") != std::string::npos,
                  inside.output);
  }

  std::vector<std::string> found_;
};

std::size_t files_in(std::string const& folder) {
  std::size_t count = 0;
  for (auto const& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.is_regular_file()) ++count;
  }
  return count;
}

// The daemon takes two precautions: its limit is 0, which the kernel looks at when it dumps into a
// file, and it is not dumpable, which it always looks at. With `limit_lifted` only the second
// holds.
void check_no_dump(int number, bool limit_lifted) {
  secrets_world w;
  rlimit const lifted{RLIM_INFINITY, RLIM_INFINITY};
  if (limit_lifted && ::prlimit(w.daemon().pid(), RLIMIT_CORE, &lifted, nullptr) != 0) {
    MESSAGE("the limit cannot be lifted again here (CAP_SYS_RESOURCE): both precautions hold");
  }
  w.daemon().signal(number);
  REQUIRE(w.daemon().wait() == 128 + number);
  CHECK_FALSE(w.daemon().dumped_core());
  CHECK(files_in(w.dump_folder()) == 0);
  w.start_daemon();  // and nothing is lost by it
  CHECK(w.token(1, "?wait=0").status == 200);
}

}  // namespace

TEST_SUITE("integration.secrets") {
  TEST_CASE("store, log and index hold no secret in the clear while the daemon runs") {
    secrets_world w;
    for (auto const* const ending : {"", "-wal", "-shm"}) {
      check_clean(w.store_file() + ending, w.secrets());
    }
  }

  TEST_CASE("the store that a stopped or a killed daemon leaves holds no secret in the clear") {
    secrets_world w;
    SUBCASE("stopped") {
      REQUIRE(w.stop_daemon() == 0);
      CHECK_FALSE(std::filesystem::exists(w.store_file() + "-wal"));
    }
    SUBCASE("killed") {
      w.kill_daemon();
      check_clean(w.store_file() + "-wal", w.secrets());
    }
    check_clean(w.store_file(), w.secrets());
  }

  TEST_CASE("a backup holds no secret in the clear") {
    secrets_world w;
    auto const copy = w.folder().path("backup.db");
    auto const made = run_process({program("wixtokend"), "backup", "--config", w.config(), copy});
    REQUIRE_MESSAGE(made.exit_code == 0, made.errors);
    check_clean(copy, w.secrets());
  }

  TEST_CASE("a daemon that crashes leaves no core dump, whatever limit it was started with") {
    check_no_dump(SIGABRT, false);
    check_no_dump(SIGSEGV, true);
  }

  // The negative control of the one above: what a daemon without its precautions would leave.
  TEST_CASE("a program without precautions leaves a dump here, and the search finds its secret") {
    temporary_folder const folder;
    std::string const secret = "planted-secret-0123456789-0123456789-0123456789";
    process careless{
        {"/bin/sh", "-c", "cd '" + folder.path() + "' && ulimit -c unlimited; kill -SEGV $$", "sh"},
        folder.path("out"),
        folder.path("err"),
        {"PLANTED=" + secret}};
    REQUIRE(careless.wait() == 128 + SIGSEGV);
    if (!careless.dumped_core()) {  // a hard limit of 0, or no pattern: nobody can dump here
      MESSAGE("this machine makes no core dumps at all: " << careless.errors());
      return;
    }
    auto const pattern = content_of("/proc/sys/kernel/core_pattern");
    if (pattern.starts_with('|') || pattern.find('/') != std::string::npos) {
      MESSAGE("core dumps go elsewhere: " << pattern);  // that one was made is what matters
      return;
    }
    bool found = false;
    for (auto const& entry : std::filesystem::directory_iterator{folder.path()}) {
      found = found || holds(content_of(entry.path()), secret);
    }
    CHECK(found);
  }
}
