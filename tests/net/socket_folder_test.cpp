#include "net/socket_folder.hpp"

#include "support/other_user.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::net;

namespace {

constexpr uid_t daemon_user = 12345;
constexpr gid_t daemon_group = 12346;
constexpr gid_t shared_group = 54321;

struct world {
  test::temporary_folder folder;
  std::string path = folder.path("own");

  [[nodiscard]] struct stat facts() const {
    struct stat out {};
    REQUIRE(::lstat(path.c_str(), &out) == 0);
    return out;
  }
  [[nodiscard]] mode_t mode() const { return facts().st_mode & 07777U; }

  // What Kubernetes makes of an emptyDir in a pod with an fsGroup.
  void become_empty_dir() const {
    REQUIRE(::chown(folder.path().c_str(), 0, shared_group) == 0);
    REQUIRE(::chmod(folder.path().c_str(), 02777) == 0);
  }

  // What came of it, as text.
  [[nodiscard]] std::string make(mode_t wanted) const {
    auto const refused = make_socket_folder(path, wanted);
    return refused ? refused->text : "made";
  }
  // The same as the daemon's user in a container.
  [[nodiscard]] std::string make_as(test::other_user const& who, mode_t wanted) const {
    return test::as_other_user(who, [&] { return make(wanted); });
  }
};

}  // namespace

TEST_SUITE("net.socket_folder") {
  TEST_CASE("the folder has its rights, whatever the umask is") {
    world const w;
    auto const before = ::umask(0777);
    auto const refused = make_socket_folder(w.path, 0755);
    ::umask(before);
    REQUIRE(!refused.has_value());
    CHECK(w.mode() == 0755);
    CHECK(w.facts().st_uid == ::geteuid());
  }

  TEST_CASE("a folder of this user's that is there already gets the rights, too") {
    world const w;
    w.folder.write("kept", "");
    REQUIRE(!make_socket_folder(w.path, 0700).has_value());
    auto const inode = w.facts().st_ino;
    REQUIRE(!make_socket_folder(w.path, 0750).has_value());
    CHECK(w.mode() == 0750);
    CHECK(w.facts().st_ino == inode);
  }

  TEST_CASE("in a folder with the setgid bit it gets that one's group, and keeps the bit") {
    if (!test::may_be_others()) return;  // root only
    world const w;
    w.become_empty_dir();
    CHECK(w.make_as({daemon_user, daemon_group, {shared_group}}, 02750) == "made");
    CHECK(w.mode() == 02750);
    CHECK(w.facts().st_uid == daemon_user);
    CHECK(w.facts().st_gid == shared_group);
    CHECK(w.make_as({daemon_user, daemon_group, {shared_group}}, 02750) == "made");  // a restart
  }

  TEST_CASE("a user who is not in that group is told that the bit is dropped, and nothing stays") {
    if (!test::may_be_others()) return;
    world const w;
    w.become_empty_dir();
    CHECK(w.make_as({daemon_user, daemon_group}, 02750) ==
          "the kernel drops the setgid bit, since this user is not in the group 54321 (in "
          "Kubernetes: set it as fsGroup)");
    CHECK(::access(w.path.c_str(), F_OK) != 0);
  }

  TEST_CASE("a folder of somebody else is refused and left alone") {
    if (!test::may_be_others()) return;
    world const w;
    w.become_empty_dir();
    REQUIRE(::mkdir(w.path.c_str(), 0777) == 0);
    auto const before = w.mode();
    CHECK(w.make_as({daemon_user, daemon_group, {shared_group}}, 02750) ==
          "it belongs to user 0, who could replace the socket; remove it, or configure another "
          "path");
    CHECK(w.mode() == before);
  }

  TEST_CASE("what is not a folder is refused: a link to one, too") {
    world const w;
    constexpr auto refusal =
        "Not a directory: something else has that name; remove it, or configure another path";
    SUBCASE("file") {
      w.folder.write("own", "precious");
      CHECK(w.make(0750) == refusal);
    }
    SUBCASE("link") {
      REQUIRE(::mkdir(w.folder.path("elsewhere").c_str(), 0755) == 0);
      REQUIRE(::symlink("elsewhere", w.path.c_str()) == 0);
      CHECK(w.make(0750) == refusal);
      struct stat elsewhere {};
      REQUIRE(::stat(w.folder.path("elsewhere").c_str(), &elsewhere) == 0);
      CHECK((elsewhere.st_mode & 07777U) == 0755);
    }
  }

  TEST_CASE("the folder above it is not made") {
    world w;
    w.path = w.folder.path("absent/own");
    CHECK(w.make(0750) == "No such file or directory: the folder above it has to exist");
  }

  TEST_CASE("the folder of a path") {
    CHECK(folder_of("/run/w/a.sock") == "/run/w");
    CHECK(folder_of("/a.sock") == "/");
    CHECK(folder_of("a.sock") == ".");
  }
}
