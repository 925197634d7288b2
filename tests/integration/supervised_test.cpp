// The daemon under a service manager, which is played here: what it is told, and the sockets that
// it passes on. What a real systemd makes of it: tests/systemd.

#include "integration/world.hpp"
#include "support/datagram_receiver.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

using namespace wixtokend::test;
using namespace std::chrono_literals;

namespace {

world_options without_daemon() {
  world_options options;
  options.start_daemon = false;
  options.socket_is_inherited = true;
  return options;
}

class notified_world : public world {
 public:
  notified_world() : world{without_daemon()}, manager_{folder().path("notify")} {
    start_daemon_through({"env", "NOTIFY_SOCKET=" + manager_.address(), "WATCHDOG_USEC=200000"});
    start_daemon();
  }

  // Waits for a message that has these words.
  bool told(std::string const& words) {
    return eventually([&] {
      for (auto& one : manager_.take()) heard_.push_back(std::move(one));
      return std::any_of(heard_.begin(), heard_.end(), [&](std::string const& one) {
        return one.find(words) != std::string::npos;
      });
    });
  }
  // Forgets what was told, and counts what comes within some time.
  std::size_t told_within(std::chrono::milliseconds time) {
    heard_.clear();
    manager_.take();
    std::this_thread::sleep_for(time);  // how often a real process speaks is what is being tested
    return manager_.take().size();
  }
  void forget() {
    heard_.clear();
    manager_.take();
  }

 private:
  datagram_receiver manager_;
  std::vector<std::string> heard_;
};

// The socket as a .socket unit holds it.
class activated_world : public world {
 public:
  explicit activated_world(std::string const& name) : world{without_daemon()} {
    descriptor_ = ::socket(AF_UNIX, SOCK_STREAM, 0);  // to be inherited
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socket().copy(address.sun_path, sizeof address.sun_path - 1);
    REQUIRE(::bind(descriptor_, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0);
    REQUIRE(::listen(descriptor_, 100) == 0);
    start_daemon_through({"bash", "-c",
                          "exec 3<&\"$1\"; shift; export LISTEN_PID=$$ LISTEN_FDS=1 "
                          "LISTEN_FDNAMES=" +
                              name + "; exec \"$@\"",
                          "bash", std::to_string(descriptor_)});
  }
  ~activated_world() { ::close(descriptor_); }

 private:
  int descriptor_ = -1;
};

}  // namespace

TEST_SUITE("integration.supervised") {
  TEST_CASE("the service manager hears of the start, of reloads good and bad, and of the end") {
    notified_world w;
    CHECK(w.told("READY=1\nSTATUS=0 of 0 instances kept warm are usable"));
    w.warm_token(1);
    w.forget();
    w.daemon().signal(SIGHUP);
    CHECK(w.told("RELOADING=1\nMONOTONIC_USEC="));
    CHECK(w.told("READY=1\nSTATUS=1 of 1"));

    w.set_app_settings("on_demand = maybe");
    w.write_config();
    w.forget();
    w.daemon().signal(SIGHUP);
    CHECK(w.told("the last reload was refused: " + w.config() + ":"));
    CHECK(w.token(1).status == 200);

    CHECK(w.stop_daemon() == 0);
    CHECK(w.told("STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=stopping"));
  }

  TEST_CASE("signs of life come while the loop turns, and end when it does not") {
    notified_world w;
    CHECK(w.told("WATCHDOG=1"));
    auto const alive = w.told_within(1s);
    CHECK(alive >= 5);
    CHECK(alive <= 11);
    w.daemon().signal(SIGSTOP);
    std::this_thread::sleep_for(50ms);  // what was sent before has arrived
    CHECK(w.told_within(1s) == 0);
    w.daemon().signal(SIGCONT);
    CHECK(w.told("WATCHDOG=1"));
  }

  TEST_CASE("an inherited socket outlives the daemon, and nobody is refused in between") {
    activated_world w{"main"};
    auto early = w.connect();
    early.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    w.start_daemon();
    CHECK(early.receive().status == 200);

    CHECK(w.stop_daemon() == 0);
    CHECK(std::filesystem::exists(w.socket()));
    auto between = w.connect();
    between.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    w.start_daemon();
    CHECK(between.receive().status == 200);
    CHECK(w.call("GET", "/v1/instances/" + instance_text(1) + "/token?wait=20").status == 200);
  }

  TEST_CASE("an inherited socket that is not configured ends the start") {
    activated_world w{"wixtokend.socket"};
    w.try_start_daemon();
    CHECK(w.daemon().wait() == 78);
    CHECK(w.daemon().errors().find("the inherited socket \"wixtokend.socket\" is not configured") !=
          std::string::npos);
  }
}
