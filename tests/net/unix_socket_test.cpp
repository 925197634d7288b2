#include "net/unix_socket.hpp"

#include "async/task_group.hpp"
#include "net/unix_address.hpp"
#include "support/run_task.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::net;
using test::run_task;

namespace {

struct world {
  result<std::unique_ptr<unix_listener>> open(mode_t mode = 0660) {
    options.path = path;
    options.mode = mode;
    return unix_listener::open(loop, options);
  }
  std::unique_ptr<byte_stream> connect() {
    return run_task(loop, connect_unix(loop, path)).value();
  }

  // Names in the folder, to see that no temporary one stays.
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (auto const& entry : std::filesystem::directory_iterator{folder.path()}) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }

  test::temporary_folder folder;
  std::string path = folder.path("s.sock");
  event_loop loop;
  unix_socket_options options;
};

struct stat status_of(std::string const& path) {
  struct stat status {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status;
}

task<> accept_into(unix_listener& listener,
                   std::vector<result<accepted_unix_connection>>& accepted) {
  for (;;) {
    auto one = co_await listener.accept();
    bool const failed = !one.has_value();
    accepted.push_back(std::move(one));
    if (failed) co_return;
  }
}

std::string read_text(world& w, byte_stream& from) {
  std::array<char, 100> bytes{};
  auto const size = run_task(w.loop, from.read_some(bytes));
  REQUIRE(size.has_value());
  return {bytes.data(), *size};
}

}  // namespace

TEST_SUITE("net.unix_socket") {
  TEST_CASE("a connection carries bytes both ways and tells who made it") {
    world w;
    auto const listener = w.open().value();
    auto const client = w.connect();
    auto const server = run_task(w.loop, listener->accept()).value();
    CHECK(server.from.uid == ::geteuid());
    CHECK(server.from.pid == ::getpid());
    REQUIRE(run_task(w.loop, client->write_all("question")).has_value());
    CHECK(read_text(w, *server.stream) == "question");
    REQUIRE(run_task(w.loop, server.stream->write_all("answer")).has_value());
    CHECK(read_text(w, *client) == "answer");
  }

  TEST_CASE("the socket has its final mode at its final name, and nothing else stays") {
    world w;
    for (mode_t const mode : {0600U, 0660U, 0666U, 0200U}) {
      auto const before = ::umask(0777);  // must not matter
      auto const listener = w.open(mode);
      ::umask(before);
      REQUIRE(listener.has_value());
      CHECK((status_of(w.path).st_mode & 07777U) == mode);
      CHECK(S_ISSOCK(status_of(w.path).st_mode));
      CHECK(w.files() == std::vector<std::string>{"s.sock"});
    }
    CHECK(w.files().empty());
  }

  TEST_CASE("owner and group take effect, each alone") {
    if (::geteuid() != 0) return;  // only root may give files away
    world w;
    w.options.owner = 12345;
    {
      auto const listener = w.open(0600);
      REQUIRE(listener.has_value());
      CHECK(status_of(w.path).st_uid == 12345);
      CHECK(status_of(w.path).st_gid == ::getegid());
      CHECK((status_of(w.path).st_mode & 07777U) == 0600);
    }
    w.options.owner.reset();
    w.options.group = 54321;
    auto const listener = w.open();
    REQUIRE(listener.has_value());
    CHECK(status_of(w.path).st_uid == ::geteuid());
    CHECK(status_of(w.path).st_gid == 54321);
  }

  TEST_CASE("a socket on which somebody listens is never taken over") {
    world w;
    auto const listener = w.open().value();
    auto const inode = status_of(w.path).st_ino;
    CHECK(w.open().error() == errc::socket_in_use);
    CHECK(status_of(w.path).st_ino == inode);
    CHECK(w.files().size() == 1);
    auto const client = w.connect();  // still the first one's
    CHECK(run_task(w.loop, listener->accept()).has_value());
  }

  TEST_CASE("a live socket with a full backlog is live") {
    world w;
    w.options.backlog = 0;
    auto const listener = w.open().value();
    std::vector<std::unique_ptr<byte_stream>> clients;
    for (;;) {
      auto client = run_task(w.loop, connect_unix(w.loop, w.path));
      if (!client.has_value()) {
        CHECK(client.error().value() == EAGAIN);
        break;
      }
      clients.push_back(std::move(*client));
      REQUIRE(clients.size() < 100);
    }
    CHECK(w.open().error() == errc::socket_in_use);
  }

  TEST_CASE("a socket file that nobody listens on is replaced") {
    world w;
    int const stale = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto const address = unix_address::of(w.path);
    REQUIRE(::bind(stale, address->get(), unix_address::size()) == 0);
    ::close(stale);
    REQUIRE(::access(w.path.c_str(), F_OK) == 0);
    auto const listener = w.open();
    REQUIRE(listener.has_value());
    CHECK(w.connect() != nullptr);
  }

  TEST_CASE("a file of another kind is refused and left alone") {
    world w;
    SUBCASE("file") {
      w.folder.write("s.sock", "precious");
    }
    SUBCASE("folder") {
      REQUIRE(::mkdir(w.path.c_str(), 0700) == 0);
    }
    SUBCASE("link") {
      REQUIRE(::symlink("elsewhere", w.path.c_str()) == 0);
    }
    SUBCASE("pipe") {
      REQUIRE(::mkfifo(w.path.c_str(), 0700) == 0);
    }
    auto const inode = status_of(w.path).st_ino;
    CHECK(w.open().error() == errc::not_a_socket);
    CHECK(status_of(w.path).st_ino == inode);
    CHECK(w.files().size() == 1);
  }

  TEST_CASE("a socket of another type at the path is in use") {
    world w;
    int const datagrams = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    auto const address = unix_address::of(w.path);
    REQUIRE(::bind(datagrams, address->get(), unix_address::size()) == 0);
    CHECK(w.open().error() == errc::socket_in_use);
    ::close(datagrams);
  }

  TEST_CASE("a path may fill the address to its last byte, but not more") {
    world w;
    auto const room = 107 - w.folder.path().size() - 1;
    for (std::size_t const name_size : {room, std::size_t{1}}) {
      auto folder = w.folder.path();
      if (name_size == 1) {  // a long folder and a short name: no longer name fits beside it
        folder += "/" + std::string(room - 2, 'd');
        REQUIRE(::mkdir(folder.c_str(), 0700) == 0);
      }
      w.path = folder + "/" + std::string(name_size, 's');
      REQUIRE(w.path.size() == 107);
      auto const listener = w.open();
      REQUIRE(listener.has_value());
      CHECK(w.connect() != nullptr);
    }
    w.path += "s";
    CHECK(w.open().error() == errc::invalid_address);
    CHECK(run_task(w.loop, connect_unix(w.loop, w.path)).error() == errc::invalid_address);
  }

  TEST_CASE("a folder that is not there is the system's error") {
    world w;
    w.path = w.folder.path("none/s.sock");
    CHECK(w.open().error().value() == ENOENT);
  }

  TEST_CASE("a failure on the way leaves no file") {
    world w;
    w.options.owner = 0;
    constexpr uid_t nobody = 65534;  // root may give files to everybody, so it must be another
    bool const is_root = ::geteuid() == 0;
    if (is_root) {
      REQUIRE(::chown(w.folder.path().c_str(), nobody, static_cast<gid_t>(-1)) == 0);
      REQUIRE(::seteuid(nobody) == 0);
    }
    auto const refused = w.open();
    if (is_root) REQUIRE(::seteuid(0) == 0);
    CHECK(refused.error().value() == EPERM);
    CHECK(w.files().empty());
  }

  TEST_CASE("closing removes the file, but not one that has taken its place") {
    world w;
    {
      auto const listener = w.open().value();
      listener->close();
      CHECK(w.files().empty());
      listener->close();
    }
    {
      auto const listener = w.open().value();
      REQUIRE(::unlink(w.path.c_str()) == 0);
      w.folder.write("s.sock", "somebody else's");
    }
    CHECK(w.files().size() == 1);
  }

  TEST_CASE("closing ends a pending accept with an error, cancelling with an exception") {
    world w;
    auto const listener = w.open().value();
    std::vector<result<accepted_unix_connection>> accepted;
    task_group group{w.loop.get_executor(),
                     [](std::exception_ptr e) { std::rethrow_exception(e); }};
    group.spawn(accept_into(*listener, accepted));
    w.loop.poll();
    group.stop();
    test::run_until(w.loop, [&] { return group.size() == 0; });
    CHECK(accepted.empty());

    task_group second{w.loop.get_executor(),
                      [](std::exception_ptr e) { std::rethrow_exception(e); }};
    second.spawn(accept_into(*listener, accepted));
    w.loop.restart();
    w.loop.poll();
    listener->close();
    test::run_until(w.loop, [&] { return second.size() == 0; });
    REQUIRE(accepted.size() == 1);
    CHECK(accepted.front().error() == errc::connection_closed);
    CHECK(run_task(w.loop, listener->accept()).error() == errc::connection_closed);
  }

  TEST_CASE("running out of descriptors is returned, and accepting goes on afterwards") {
    world w;
    auto const listener = w.open().value();
    auto const client = w.connect();
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    int const free_now = ::dup(0);
    REQUIRE(free_now >= 0);
    ::close(free_now);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(free_now);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
    auto const refused = run_task(w.loop, listener->accept());
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(refused.error().value() == EMFILE);
    CHECK(run_task(w.loop, listener->accept()).has_value());
  }

  TEST_CASE("no socket is inherited by child processes") {
    world w;
    auto const listener = w.open().value();
    auto const client = w.connect();
    auto const server = run_task(w.loop, listener->accept()).value();
    int sockets = 0;
    for (int descriptor = 3; descriptor < 200; ++descriptor) {
      struct stat status {};
      if (::fstat(descriptor, &status) != 0 || !S_ISSOCK(status.st_mode)) continue;
      ++sockets;
      CHECK((::fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(sockets >= 3);
  }

  TEST_CASE("a socket that somebody else has bound is served, and its file stays") {
    world w;
    int const theirs = ::socket(AF_UNIX, SOCK_STREAM, 0);
    auto const address = unix_address::of(w.path);
    REQUIRE(::bind(theirs, address->get(), unix_address::size()) == 0);
    CHECK(unix_listener::adopt(w.loop, theirs).error() == errc::not_listening);
    REQUIRE(::listen(theirs, 5) == 0);
    auto const early = w.connect();  // waits for whoever serves it
    int const ours = ::dup(theirs);
    {
      auto const listener = unix_listener::adopt(w.loop, ours).value();
      CHECK((::fcntl(ours, F_GETFD) & FD_CLOEXEC) != 0);
      CHECK((::fcntl(ours, F_GETFL) & O_NONBLOCK) != 0);
      auto const server = run_task(w.loop, listener->accept()).value();
      CHECK(server.from.uid == ::geteuid());
      REQUIRE(run_task(w.loop, early->write_all("question")).has_value());
      CHECK(read_text(w, *server.stream) == "question");
      listener->close();
    }
    CHECK(w.files() == std::vector<std::string>{"s.sock"});
    auto const queued = w.connect();  // for the next one to serve
    CHECK(queued != nullptr);
    ::close(theirs);
  }

  TEST_CASE("nothing else is adopted, and it stays open") {
    world w;
    int pair[2] = {-1, -1};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    int const file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    int const tcp = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(::listen(tcp, 1) == 0);
    for (int const one : {pair[0], file, tcp}) {
      CHECK(unix_listener::adopt(w.loop, one).error() == errc::not_listening);
      CHECK(::fcntl(one, F_GETFD) >= 0);
    }
    CHECK(unix_listener::adopt(w.loop, -1).error() == errc::not_listening);
    for (int const one : {pair[0], pair[1], file, tcp}) ::close(one);
  }

  TEST_CASE("where a socket is bound is told as it was bound") {
    world w;
    auto const bind_to = [](std::string const& name) {
      int const made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      name.copy(address.sun_path, name.size());
      auto const size = offsetof(sockaddr_un, sun_path) + name.size();
      auto const* const at = reinterpret_cast<sockaddr const*>(&address);
      REQUIRE(::bind(made, at, static_cast<socklen_t>(size)) == 0);
      auto path = bound_path(made);
      ::close(made);
      return path;
    };
    CHECK(bind_to(w.path) == w.path);
    auto const longest = w.folder.path() + "/" + std::string(107 - w.folder.path().size(), 's');
    REQUIRE(longest.size() == 108);
    CHECK(bind_to(longest) == longest);
    CHECK(bind_to(std::string(1, '\0') + w.path) == "@" + w.path);
    int const unbound = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bound_path(unbound).empty());
    ::close(unbound);
    CHECK(bound_path(-1).empty());
  }
}
