#include "integration/world.hpp"

#include <boost/json/parse.hpp>
#include <doctest/doctest.h>

#include <filesystem>
#include <string>

using namespace wixtokend::test;

TEST_SUITE("integration.sdk") {
  TEST_CASE("the official SDK, unmodified, gets its tokens from the socket") {
    std::string const folder = WIXTOKEND_SOURCE_DIR "/tests/integration/sdk";
    REQUIRE_MESSAGE(std::filesystem::exists(folder + "/node_modules/@wix/sdk/package.json"),
                    "the SDK is not installed: run ./dev setup");
    world w;
    auto const run = run_process(
        {"node", "--import", folder + "/preload.mjs", folder + "/app.mjs"},
        {"WIXTOKEND_SOCKET=" + w.socket(), "EMULATOR_PORT=" + std::to_string(w.https_port()),
         "EMULATOR_CA=" + w.folder().path("ca.pem"), "APP_ID=" + std::string{app_id},
         "INSTANCE_ID=" + instance_text(1)});
    REQUIRE_MESSAGE(run.exit_code == 0, run.output << run.errors);
    auto const report = boost::json::parse(run.output);
    CHECK(text(member(report, "first"), "instanceId") == instance_text(1));
    CHECK(member(report, "many").as_array().size() == 50);
    CHECK(w.mints(1) == 1);  // the SDK alone mints one for each of the 51 strategies
    auto const counters = w.control("GET", "counters");
    CHECK(number_of(member(member(counters, "routes"), "instance"), "requests") == 51);
  }

  TEST_CASE("a removed instance fails in the SDK with the upstream's status") {
    world w;
    w.control("POST", "instances/" + instance_text(2) + "/remove");
    std::string const folder = WIXTOKEND_SOURCE_DIR "/tests/integration/sdk";
    auto const run = run_process(
        {"node", "--import", folder + "/preload.mjs", folder + "/app.mjs"},
        {"WIXTOKEND_SOCKET=" + w.socket(), "EMULATOR_PORT=" + std::to_string(w.https_port()),
         "EMULATOR_CA=" + w.folder().path("ca.pem"), "APP_ID=" + std::string{app_id},
         "INSTANCE_ID=" + instance_text(2)});
    CHECK(run.exit_code == 1);
    CHECK_MESSAGE(run.output.find("404") != std::string::npos, run.output);
  }
}
