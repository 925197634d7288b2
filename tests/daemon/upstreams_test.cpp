#include "daemon/upstreams.hpp"

#include "daemon/startup_error.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;

std::vector<app_settings> one_app(bool tls, std::string const& ca_file) {
  std::vector<app_settings> apps(1);
  apps.front().server.tls = tls;
  apps.front().ca_file = ca_file;
  return apps;
}

std::string refusal(std::string const& ca_file) {
  try {
    auto const loaded = load_trust(one_app(true, ca_file));
    return "loaded";
  } catch (startup_error const& error) {
    CHECK(error.code() == exit_code::configuration);
    return error.what();
  }
}

}  // namespace

TEST_SUITE("daemon.upstreams") {
  TEST_CASE("without TLS nothing is loaded, not even a file that is named") {
    CHECK(load_trust(one_app(false, "")).empty());
    CHECK(load_trust(one_app(false, "/nonexistent.pem")).empty());
  }

  TEST_CASE("apps that trust the same share it") {
    auto apps = one_app(true, "");
    apps.resize(3);
    CHECK(load_trust(apps).size() == 1);
  }

  TEST_CASE("a CA file that is of no use is named with its app") {
    test::temporary_folder const folder;
    auto const missing = folder.path("ca.pem");
    CHECK(refusal(missing) ==
          "app main: ca_file " + missing + ": the file is missing, unreadable or too large");
    auto const junk = folder.write("junk.pem", "not a certificate\n");
    CHECK(refusal(junk) ==
          "app main: ca_file " + junk + ": a certificate, key or CA file could not be used");
  }
}
