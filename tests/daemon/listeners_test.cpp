#include "daemon/listeners.hpp"

#include "daemon/startup_error.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

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
    return refusal(sockets(path), {}, code);
  }
  std::string refusal(std::vector<socket_settings> const& wanted,
                      std::vector<inherited_socket> const& inherited, exit_code code) {
    try {
      auto const opened = open_listeners(loop, wanted, inherited);
      return "opened";
    } catch (startup_error const& error) {
      CHECK(error.code() == code);
      return error.what();
    }
  }
};

// A socket that is bound, as a service manager passes one on.
class bound_socket {
 public:
  bound_socket(std::string path, int type) : path_{std::move(path)} {
    descriptor_ = ::socket(AF_UNIX, type, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    auto const* const at = reinterpret_cast<sockaddr const*>(&address);
    REQUIRE(::bind(descriptor_, at, sizeof address) == 0);
    if (type == SOCK_STREAM) REQUIRE(::listen(descriptor_, 5) == 0);
  }
  bound_socket(bound_socket const&) = delete;
  bound_socket& operator=(bound_socket const&) = delete;
  ~bound_socket() { ::close(descriptor_); }

  // What another process would inherit of it.
  [[nodiscard]] inherited_socket passed_on(std::string name) const {
    return {std::move(name), ::dup(descriptor_)};
  }
  [[nodiscard]] std::string const& path() const noexcept { return path_; }

 private:
  std::string path_;
  int descriptor_ = -1;
};

socket_settings named(std::string name) {
  socket_settings out;
  out.name = std::move(name);
  return out;
}

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

  TEST_CASE("inherited sockets are taken by name, and their files are left alone") {
    world w;
    bound_socket const first{w.folder.path("a"), SOCK_STREAM};
    bound_socket const second{w.folder.path("b"), SOCK_STREAM};
    {
      auto const opened = open_listeners(w.loop, {named("main"), named("admin")},
                                         {second.passed_on("admin"), first.passed_on("main")});
      REQUIRE(opened.size() == 2);
      CHECK(opened.front().path == first.path());
      CHECK(opened.back().path == second.path());
    }
    CHECK(::access(first.path().c_str(), F_OK) == 0);
    CHECK(::access(second.path().c_str(), F_OK) == 0);
  }

  TEST_CASE("the inherited and the configured sockets are the same ones, or it does not start") {
    world w;
    bound_socket const one{w.folder.path("a"), SOCK_STREAM};
    CHECK(w.refusal({named("main"), named("admin")}, {one.passed_on("main")},
                    exit_code::configuration) ==
          "socket admin is not among the inherited sockets (main): with socket activation every "
          "[[socket]] needs a .socket unit that is active, with FileDescriptorName=admin");
    CHECK(w.refusal({named("main"), named("admin")}, {one.passed_on("wixtokend.socket")},
                    exit_code::configuration) ==
          "the inherited socket \"wixtokend.socket\" is not configured: there is no [[socket]] of "
          "that name, but main, admin: set FileDescriptorName= in its .socket unit, or add the "
          "[[socket]]");
  }

  TEST_CASE("what only the maker of a socket's file decides must not be configured") {
    world w;
    bound_socket const one{w.folder.path("a"), SOCK_STREAM};
    auto const refused = [&](socket_settings const& socket) {
      return w.refusal({socket}, {one.passed_on("main")}, exit_code::configuration);
    };
    auto mode = named("main");
    mode.mode_given = true;
    CHECK(refused(mode) ==
          "socket main: mode is set, but the socket is inherited, and its file is as it was made: "
          "set SocketMode= in its .socket unit, and leave out mode");
    auto owner = named("main");
    owner.owner = "0";
    CHECK(refused(owner).find("SocketUser=") != std::string::npos);
    auto group = named("main");
    group.group = "0";
    CHECK(refused(group).find("SocketGroup=") != std::string::npos);

    auto path = named("main");
    path.path_given = true;
    path.path = "/elsewhere";
    CHECK(refused(path) ==
          "socket main: path is /elsewhere, but the inherited socket is bound to "
          "\"" +
              one.path() +
              "\": leave out path, or let ListenStream= of its .socket unit be "
              "the same");
    path.path = one.path();
    CHECK(refused(path) == "opened");
  }

  TEST_CASE("a descriptor that is no listening Unix stream socket is refused") {
    world w;
    bound_socket const datagrams{w.folder.path("a"), SOCK_DGRAM};
    CHECK(w.refusal({named("main")}, {datagrams.passed_on("main")}, exit_code::configuration)
              .find("cannot be used: it is not a listening Unix stream socket") !=
          std::string::npos);
    CHECK(w.refusal({named("main")}, {{"main", 987}}, exit_code::configuration)
              .find("descriptor 987 cannot be used") != std::string::npos);
  }
}
