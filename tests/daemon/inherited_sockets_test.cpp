#include "daemon/inherited_sockets.hpp"

#include "daemon/startup_error.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace wixtokend::daemon;

constexpr pid_t self = 4711;

manager_variables variables(std::string pid, std::string count, std::string names) {
  manager_variables out;
  out.listen_pid = std::move(pid);
  out.listen_fds = std::move(count);
  out.listen_fdnames = std::move(names);
  return out;
}

// "name=descriptor" for each.
std::string sockets(manager_variables const& from) {
  std::string out;
  for (auto const& one : inherited_sockets(from, self)) {
    out += (out.empty() ? "" : " ") + one.name + '=' + std::to_string(one.descriptor);
  }
  return out;
}

std::string refusal(manager_variables const& from) {
  try {
    return "taken: " + sockets(from);
  } catch (startup_error const& error) {
    CHECK(error.code() == exit_code::configuration);
    return error.what();
  }
}

}  // namespace

TEST_SUITE("daemon.inherited_sockets") {
  TEST_CASE("descriptors count from three, in the order of their names") {
    CHECK(sockets(variables("4711", "1", "main")) == "main=3");
    CHECK(sockets(variables("4711", "3", "main:admin:wixtokend.socket")) ==
          "main=3 admin=4 wixtokend.socket=5");
  }

  TEST_CASE("without names all are unknown, so that one can be told apart at most") {
    CHECK(sockets(variables("4711", "1", "")) == "unknown=3");
    CHECK(refusal(variables("4711", "2", "")).find("\"unknown\"") != std::string::npos);
  }

  TEST_CASE("nothing is inherited without the variables, or by another process") {
    CHECK(sockets(variables("", "", "")).empty());
    CHECK(sockets(variables("", "2", "a:b")).empty());
    CHECK(sockets(variables("4711", "", "")).empty());
    CHECK(sockets(variables("4711", "0", "")).empty());
    CHECK(sockets(variables("4712", "2", "a:b")).empty());
    CHECK(sockets(variables("4712", "many", "")).empty());
  }

  TEST_CASE("malformed variables are start-up errors that say which") {
    CHECK(refusal(variables("me", "1", "")) ==
          "the environment's LISTEN_PID is \"me\": the service manager must set a number, at most "
          "2147483647");
    CHECK(refusal(variables("4711", "-1", "")).find("LISTEN_FDS is \"-1\"") != std::string::npos);
    CHECK(refusal(variables("4711", "257", "")).find("at most 256") != std::string::npos);
    CHECK(refusal(variables("4711", "2", "main")) ==
          "LISTEN_FDNAMES has 1 names for the 2 sockets of LISTEN_FDS");
    CHECK(refusal(variables("4711", "1", "a:b")).find("has 2 names") != std::string::npos);
  }

  TEST_CASE("two sockets of one name cannot be told apart") {
    CHECK(refusal(variables("4711", "3", "main:admin:main")) ==
          "two inherited sockets are named \"main\": give each a .socket unit of its own, with its "
          "own FileDescriptorName=");
  }
}
