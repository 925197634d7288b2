#include "daemon/access_text.hpp"

#include "support/config_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace {

using namespace wixtokend::daemon;
using wixtokend::test::config_world;

}  // namespace

TEST_SUITE("daemon.access_text") {
  TEST_CASE("without a rule the default is told") {
    config_world const w;
    CHECK(access_text(w.settings("")) ==
          "access: the daemon's own user and root may do everything, nobody else anything\n");
  }

  TEST_CASE("each rule has its line: for whom, which roles, of what") {
    config_world const w;
    auto const settings = w.settings(
        "[[access]]\nuser = 'root'\nroles = ['status', 'read']\n"
        "[[access]]\nuid = 1001\nroles = ['read']\napps = ['main']\n"
        "instances = ['2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55']\n"
        "[[access]]\ngroup = 'root'\nroles = ['manage', 'register']\napps = ['main']\n"
        "[[access]]\ngid = 500\nroles = ['read']\n"
        "instances = ['2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55', "
        "'7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310']\n");
    CHECK(access_text(settings) ==
          "access, for nobody but:\n"
          "  user \"root\" (uid 0): read, status; all instances of all apps\n"
          "  uid 1001: read; instance 2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55 of app main\n"
          "  group \"root\" (gid 0): register, manage; all instances of app main\n"
          "  gid 500: read; 2 instances of all apps\n");
  }
}
