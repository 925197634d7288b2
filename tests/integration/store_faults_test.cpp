// The disk under a running daemon fills up: nothing is acknowledged, tokens are served, and it
// recovers. Faults below SQLite are in tests/store/sqlite_store_faults_test.cpp.

#include "integration/world.hpp"

#include <boost/json/array.hpp>
#include <doctest/doctest.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <string>
#include <system_error>

using namespace wixtokend::test;
namespace json = boost::json;

namespace {

// How the store's disk is filled and emptied again.
struct disk {
  std::string folder;
  std::function<void()> fill;
  std::function<void()> clear;
};

bool write_file(char const* file, std::string const& text) {
  return static_cast<bool>(std::ofstream{file} << text << std::flush);
}

// Mounts are this process's and its children's alone from here on: they end with it.
bool enter_own_mounts() {
  static bool const entered = [] {
    if (::unshare(CLONE_NEWNS) != 0) {  // not root: as a root of one's own, if that is allowed
      auto const user = std::to_string(::getuid());
      auto const group = std::to_string(::getgid());
      if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
      if (!write_file("/proc/self/setgroups", "deny")) return false;
      if (!write_file("/proc/self/uid_map", user + " " + user + " 1")) return false;
      if (!write_file("/proc/self/gid_map", group + " " + group + " 1")) return false;
    }
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  }();
  return entered;
}

// A file system of 8 MiB in memory.
class small_disk {
 public:
  explicit small_disk(std::string folder) : folder_{std::move(folder)} {
    std::filesystem::create_directory(folder_);
    mounted_ = enter_own_mounts() &&
               ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=8m,mode=0700") == 0;
    if (!mounted_) why_ = std::generic_category().message(errno);
  }
  small_disk(small_disk const&) = delete;
  small_disk& operator=(small_disk const&) = delete;
  ~small_disk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }

  [[nodiscard]] bool mounted() const noexcept { return mounted_; }
  [[nodiscard]] std::string const& why_not() const noexcept { return why_; }

  void fill() const {
    std::array<char, 4096> const block{};
    int const file = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    REQUIRE(file >= 0);
    while (::write(file, block.data(), block.size()) > 0) {
    }
    CHECK(errno == ENOSPC);
    ::close(file);
  }
  void clear() const { std::filesystem::remove(ballast()); }

 private:
  [[nodiscard]] std::string ballast() const { return folder_ + "/ballast"; }

  std::string folder_;
  bool mounted_ = false;
  std::string why_;
};

// Registers one instance after the other until one is refused.
class registering {
 public:
  // `persistent`: what is written is said to be durable; not so in memory.
  registering(world& w, bool persistent) : w_{w}, persistent_{persistent} {}

  // What was written once can be written over for a while.
  raw_response until_refused() {
    for (int i = 0; i < 20'000; ++i) {
      auto answer = put(++last_);
      if (answer.status != 201) return answer;
    }
    FAIL("the disk does not become full");
    return {};
  }

  raw_response put(unsigned number) {
    auto answer = w_.call("PUT", instance_path(number), "{}");
    if (answer.status / 100 != 2) return answer;
    CHECK_MESSAGE(member(parse(answer), "durable").as_bool() == persistent_, answer.body);
    acknowledged_.insert(number);
    return answer;
  }

  void check_all() {
    for (auto const number : acknowledged_) {
      auto const view = w_.view(number);
      CHECK(member(view, "registered").as_bool());
      CHECK(member(view, "durable").as_bool() == persistent_);
    }
  }

  [[nodiscard]] unsigned last() const noexcept { return last_; }

 private:
  world& w_;
  bool persistent_;
  unsigned last_ = 1'000;
  std::set<unsigned> acknowledged_;
};

void check_refused(raw_response const& answer) {
  CHECK_MESSAGE(answer.status == 503, answer.body);
  auto const body = parse(answer);
  CHECK_MESSAGE(text(body, "error") == "store_failed", answer.body);
  CHECK(member(body, "retryable").as_bool());
}

constexpr unsigned warm = 20;

void prepare(world& w) {
  w.start_daemon();
  w.register_all(1, warm);
  for (unsigned n = 1; n <= warm; ++n) w.warm_token(n);
}

void check_while_full(world& w, registering& registered, std::string const& reason) {
  check_refused(registered.until_refused());
  auto const served = [&] {
    for (unsigned n = 1; n <= warm; ++n) {
      if (w.token(n, "?wait=0").status != 200) return false;
    }
    return true;
  };
  CHECK(served());
  auto const ready = w.call("GET", "/readyz");
  CHECK(ready.status == 503);
  CHECK_MESSAGE(ready.body.find("the store cannot be written") != std::string::npos, ready.body);
  CHECK_MESSAGE(ready.body.find(reason) != std::string::npos, ready.body);
  CHECK(w.call("GET", "/healthz").status == 200);

  // All that changes something is refused; nothing of it is undone in a way that costs a token.
  auto const line = R"({"instance_id":")" + instance_text(900) + "\"}\n";
  auto const bulk = w.call("POST", "/v1/instances", line, "Content-Type: application/x-ndjson\r\n");
  check_refused(bulk);
  CHECK(number_of(member(parse(bulk), "summary"), "added") == 0);
  check_refused(w.call("PUT", instance_path(901),
                       R"({"grant":"refresh_token","refresh_token":"OAUTH2.fake-0123456789"})"));
  check_refused(w.call("DELETE", instance_path(902)));
  CHECK_FALSE(member(w.view(registered.last()), "durable").as_bool());
  CHECK(served());
  auto const log = w.daemon().errors();
  CHECK_MESSAGE(log.find("store_write_failed") != std::string::npos, log);
}

void check_recovers(world& w, registering& registered, disk const& d, std::string const& reason) {
  prepare(w);
  d.fill();
  check_while_full(w, registered, reason);
  d.clear();
  auto const again = registered.put(registered.last());  // the caller sends it again
  CHECK_MESSAGE(again.status / 100 == 2, again.body);
  // Not ready for another reason, perhaps: those that are new have no tokens yet.
  auto const ready = w.call("GET", "/readyz");
  CHECK_MESSAGE(ready.body.find("the store") == std::string::npos, ready.body);
  auto const log = w.daemon().errors();
  CHECK(log.find("store_works_again") != std::string::npos);
  w.kill_daemon();
  w.start_daemon();
  registered.check_all();
  CHECK(w.stop_daemon() == 0);
}

bool on_disk(std::string const& folder) {
  struct statfs facts {};
  REQUIRE(::statfs(folder.c_str(), &facts) == 0);
  return facts.f_type != TMPFS_MAGIC && facts.f_type != RAMFS_MAGIC;
}

world_options quiet() {
  world_options options;
  options.start_daemon = false;
  options.log_level = "info";
  return options;
}

}  // namespace

TEST_SUITE("integration.store_faults") {
  TEST_CASE(
      "a full disk: refused, served on, unready, and as if nothing had been when it is free") {
    world w{quiet()};
    small_disk const tmpfs{w.folder().path("disk")};
    if (!tmpfs.mounted()) {
      MESSAGE("a file system cannot be mounted here ("
              << tmpfs.why_not() << "): the case with the limit of a file's size shows the same");
      return;
    }
    w.add_store(w.folder().path("disk"));
    registering registered{w, false};
    disk const d{w.folder().path("disk"), [&] { tmpfs.fill(); }, [&] { tmpfs.clear(); }};
    SUBCASE("freed while the daemon runs") {
      check_recovers(w, registered, d, "full");
    }
    SUBCASE("killed while the disk is full") {
      prepare(w);
      d.fill();
      check_while_full(w, registered, "full");
      w.kill_daemon();
      // Whether there is room for the little that a start writes depends on how the last write
      // failed.
      if (w.try_start_daemon()) {
        registered.check_all();
        w.kill_daemon();
      } else {
        auto const log = w.daemon().errors();
        CHECK(w.daemon().wait() == 74);
        CHECK_MESSAGE(log.find(w.store_file() + " cannot be written") != std::string::npos, log);
      }
      d.clear();
      w.start_daemon();
      registered.check_all();
      for (unsigned n = 1; n <= warm; ++n) w.warm_token(n);
    }
    w.kill_daemon();  // before its disk goes away
  }

  // Needs no rights. The signal that would end the daemon at the limit is ignored, as service
  // managers do that set one.
  TEST_CASE("a store that may not grow: refused, served on, unready, and working again later") {
    world w{quiet()};
    w.add_store();
    w.start_daemon_through({"/bin/sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh"});
    registering registered{w, on_disk(w.folder().path())};
    auto const limit_to = [&w](rlim_t size) {
      rlimit const limit{size, RLIM_INFINITY};
      REQUIRE(::prlimit(w.daemon().pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
    };
    disk const d{w.folder().path(),
                 [&] { limit_to(std::filesystem::file_size(w.store_file() + "-wal")); },
                 [&] { limit_to(RLIM_INFINITY); }};
    check_recovers(w, registered, d, "store");
  }
}
