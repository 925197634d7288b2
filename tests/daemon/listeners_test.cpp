#include "daemon/listeners.hpp"

#include "daemon/startup_error.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <string>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;

struct world {
  test::temporary_folder folder;
  event_loop loop;

  std::vector<socket_settings> sockets(std::string const& path) const {
    std::vector<socket_settings> out(1);
    out.front().path = path;
    return out;
  }
  std::string refusal(std::string const& path, exit_code code) {
    try {
      auto const opened = open_listeners(loop, sockets(path));
      return "opened";
    } catch (startup_error const& error) {
      CHECK(error.code() == code);
      return error.what();
    }
  }
};

}  // namespace

TEST_SUITE("daemon.listeners") {
  TEST_CASE("each socket is there, with its rights") {
    world w;
    auto wanted = w.sockets(w.folder.path("a"));
    wanted.push_back(wanted.front());
    wanted.back().path = w.folder.path("b");
    wanted.back().mode = 0600;
    auto const opened = open_listeners(w.loop, wanted);
    REQUIRE(opened.size() == 2);
    struct stat facts {};
    REQUIRE(::stat(w.folder.path("a").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0660);
    REQUIRE(::stat(w.folder.path("b").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0600);
  }

  TEST_CASE("a socket's folder is made where directory_mode says so") {
    world w;
    auto wanted = w.sockets(w.folder.path("own/a"));
    wanted.front().directory_mode = 0750;
    auto const opened = open_listeners(w.loop, wanted);
    REQUIRE(opened.size() == 1);
    struct stat facts {};
    REQUIRE(::stat(w.folder.path("own").c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777) == 0750);
    REQUIRE(::stat(w.folder.path("own/a").c_str(), &facts) == 0);
    CHECK(S_ISSOCK(facts.st_mode));
  }

  TEST_CASE("a folder that cannot be made is told with a way out") {
    world w;
    w.folder.write("file", "");
    auto const refusal_in = [&](std::string const& folder) {
      auto wanted = w.sockets(w.folder.path(folder + "/a"));
      wanted.front().directory_mode = 0750;
      try {
        static_cast<void>(open_listeners(w.loop, wanted));
        return std::string{"opened"};
      } catch (startup_error const& error) {
        CHECK(error.code() == exit_code::cannot_create);
        return std::string{error.what()};
      }
    };
    CHECK(refusal_in("file") ==
          "socket main: its folder " + w.folder.path("file") +
              " cannot be made as directory_mode says: Not a directory: something else has that "
              "name; remove it, or configure another path");
    CHECK(refusal_in("absent/own") ==
          "socket main: its folder " + w.folder.path("absent/own") +
              " cannot be made as directory_mode says: No such file or directory: the folder above "
              "it has to exist");
  }

  TEST_CASE("a socket in use is told apart") {
    world w;
    auto const path = w.folder.path("a");
    auto const first = open_listeners(w.loop, w.sockets(path));
    CHECK(w.refusal(path, exit_code::unavailable) ==
          "socket main: " + path +
              " is in use by a live process: stop that one (is wixtokend running already?) or "
              "configure another path");
  }

  TEST_CASE("what stands in the way is named, with a way out") {
    world w;
    auto const missing = w.folder.path("absent/a");
    CHECK(w.refusal(missing, exit_code::cannot_create) ==
          "socket main: " + missing +
              " cannot be created: No such file or directory: its folder has to exist "
              "(directory_mode lets the daemon make it)");
    auto const file = w.folder.write("file", "");
    CHECK(w.refusal(file, exit_code::cannot_create) ==
          "socket main: " + file +
              " cannot be created: a file that is not a socket is in the way: remove it, or "
              "configure another path");
  }
}
