#include "daemon/file_watch.hpp"

#include "support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <exception>
#include <filesystem>
#include <string>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;
namespace fs = std::filesystem;

struct watching {
  test::temporary_folder folder;
  event_loop loop;
  file_watch files{loop};

  // Runs the loop until a change is noticed, which is made before.
  void notice() {
    bool noticed = false;
    auto const wait = [](file_watch& in, bool& out) -> task<> {
      auto const changed = co_await in.next();
      out = changed.has_value();
    };
    asio::co_spawn(loop, wait(files, noticed), [](std::exception_ptr) {});
    loop.restart();
    loop.run();
    CHECK(noticed);
  }
};

}  // namespace

TEST_SUITE("daemon.file_watch") {
  TEST_CASE("a file that is written, replaced or removed is noticed") {
    watching w;
    auto const file = w.folder.write("secret", "old");
    CHECK(w.files.watch({file}).empty());
    w.folder.write("secret", "new");
    w.notice();
    fs::rename(w.folder.write("secret.tmp", "newer"), file);
    w.notice();
    fs::remove(file);
    w.notice();
  }

  TEST_CASE("links that are swapped, as Kubernetes does, are noticed") {
    watching w;
    fs::create_directory(w.folder.path("..1"));
    fs::create_directory(w.folder.path("..2"));
    w.folder.write("..1/secret", "old");
    w.folder.write("..2/secret", "new");
    fs::create_symlink("..1", w.folder.path("..data"));
    fs::create_symlink("..data/secret", w.folder.path("secret"));
    CHECK(w.files.watch({w.folder.path("secret")}).empty());
    fs::create_symlink("..2", w.folder.path("..data_tmp"));
    fs::rename(w.folder.path("..data_tmp"), w.folder.path("..data"));
    w.notice();
  }

  TEST_CASE("the folder that a link leads to is watched, too") {
    watching w;
    fs::create_directory(w.folder.path("elsewhere"));
    auto const real = w.folder.write("elsewhere/secret", "old");
    fs::create_directory(w.folder.path("here"));
    fs::create_symlink(real, w.folder.path("here/secret"));
    CHECK(w.files.watch({w.folder.path("here/secret")}).empty());
    w.folder.write("elsewhere/secret", "new");
    w.notice();
  }

  TEST_CASE("a folder that is not there is told, and the others are watched") {
    watching w;
    auto const file = w.folder.write("secret", "old");
    auto const failed = w.files.watch({w.folder.path("none/secret"), file});
    REQUIRE(failed.size() == 1);
    CHECK(failed[0].find("none: No such file") != std::string::npos);
    w.folder.write("secret", "new");
    w.notice();
  }
}
