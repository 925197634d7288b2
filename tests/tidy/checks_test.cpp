#include "tidy/checks.hpp"

#include <doctest/doctest.h>

namespace wixtokend::tidy {
namespace {

findings includes(std::string path, std::string_view target) {
  return check_includes(
      make_source_file(std::move(path), "#include " + std::string{target} + "\n"));
}

findings bans(std::string path, std::string text) {
  return check_bans(make_source_file(std::move(path), std::move(text)));
}

TEST_SUITE("tidy.checks") {
  TEST_CASE("an include that runs against the dependency table is found") {
    CHECK(includes("src/core/engine.cpp", "\"base/error.hpp\"").empty());
    CHECK(includes("src/core/engine.cpp", "\"core/policy.hpp\"").empty());
    CHECK(includes("src/core/engine.cpp", "\"service/ports.hpp\"") ==
          findings{"src/core/engine.cpp:1: core may not include service/ports.hpp"});
    CHECK(includes("src/emulator/app.cpp", "\"wix/oauth.hpp\"").size() == 1);
    CHECK(includes("src/base/error.cpp", "\"async/task.hpp\"").size() == 1);
    CHECK(includes("src/base/error.cpp", "\"error.hpp\"").size() == 1);
    CHECK(includes("src/base/error.cpp", "\"../core/engine.hpp\"").size() == 1);
    CHECK(includes("include/wixtoken/client.hpp", "\"base/error.hpp\"").size() == 1);
  }

  TEST_CASE("a folder that the table does not have is found") {
    CHECK(includes("src/misc/thing.cpp", "\"base/error.hpp\"").size() == 1);
    CHECK(includes("src/misc/thing.cpp", "\"misc/thing.hpp\"").empty());
  }

  TEST_CASE("tests include what their sources may, and the support") {
    CHECK(includes("tests/core/engine_test.cpp", "\"support/world.hpp\"").empty());
    CHECK(includes("tests/core/engine_test.cpp", "\"service/ports.hpp\"").size() == 1);
    CHECK(includes("tests/support/world.hpp", "\"service/ports.hpp\"").empty());
    CHECK(includes("src/core/engine.cpp", "\"support/world.hpp\"").size() == 1);
  }

  TEST_CASE("a library outside of its folders is found") {
    CHECK(includes("src/http/codec.cpp", "<boost/beast/http.hpp>").empty());
    CHECK(includes("src/api/session.cpp", "<boost/beast/http.hpp>").size() == 1);
    CHECK(includes("src/net/tls.cpp", "<openssl/ssl.h>").empty());
    CHECK(includes("src/api/session.cpp", "<openssl/ssl.h>").size() == 1);
    CHECK(includes("src/wix/client.cpp", "<boost/asio/ssl.hpp>").size() == 1);
    CHECK(includes("src/async/task.hpp", "<boost/asio/awaitable.hpp>").empty());
    CHECK(includes("src/async/task.hpp", "<boost/asio.hpp>").size() == 1);
    CHECK(includes("src/core/engine.cpp", "<spdlog/spdlog.h>").size() == 1);
    CHECK(includes("src/daemon/config.cpp", "<toml++/toml.h>").empty());
    CHECK(includes("tests/daemon/config_test.cpp", "<toml++/toml.h>").empty());
    CHECK(includes("tests/core/engine_test.cpp", "<toml++/toml.h>").size() == 1);
    CHECK(includes("tests/support/world.cpp", "<toml++/toml.h>").empty());
    CHECK(includes("src/api/json.cpp", "<boost/json/value.hpp>").empty());
    CHECK(includes("src/service/ports.hpp", "<boost/json/value.hpp>").size() == 1);
  }

  TEST_CASE("a clock, a file or a thread in a pure folder is found") {
    CHECK(includes("src/core/engine.cpp", "<fstream>").size() == 1);
    CHECK(includes("src/core/engine.cpp", "<random>").size() == 1);
    CHECK(includes("src/base/text.cpp", "<boost/asio/buffer.hpp>").size() == 1);
    CHECK(includes("src/http/codec.cpp", "<sys/socket.h>").size() == 1);
    CHECK(includes("src/net/peer.cpp", "<sys/socket.h>").empty());
    CHECK(includes("src/core/engine.cpp", "<vector>").empty());
    CHECK(includes("tests/core/engine_test.cpp", "<random>").empty());
  }

  TEST_CASE("banned words are found in code, with what to write instead") {
    CHECK(bans("src/net/pool.cpp", "co_spawn(e, f(), asio::detached);") ==
          findings{"src/net/pool.cpp:1: asio::detached: instead, task_group::spawn: detached loses "
                   "exceptions"});
    CHECK(bans("src/net/pool.cpp", "// asio::detached is banned\n").empty());
    CHECK(bans("src/net/pool.cpp", "log(\"asio::detached\");").empty());
    CHECK(bans("src/wix/oauth.cpp", "int a;\nint b = std::stoi(text);").size() == 1);
    CHECK(bans("src/wix/oauth.cpp", "int b = my_stoi(text);").empty());
    CHECK(bans("tests/core/engine_test.cpp", "std::this_thread::sleep_for(1s);").size() == 1);
  }

  TEST_CASE("what is allowed in some places is found elsewhere") {
    CHECK(bans("src/core/engine.cpp", "auto t = std::chrono::system_clock::now();").size() == 1);
    CHECK(bans("src/async/system_time.cpp", "auto t = system_clock::now();").empty());
    CHECK(bans("src/net/pool.cpp", "std::getenv(name);").size() == 1);
    CHECK(bans("src/daemon/main.cpp", "std::getenv(name);").empty());
    CHECK(bans("src/core/engine.cpp", "use(token.reveal());").size() == 1);
    CHECK(bans("src/api/answer.cpp", "use(token.reveal());").empty());
  }

  TEST_CASE("marks of unfinished work and foreign paths are found in any text") {
    CHECK(bans("docs/README.md",
               "TO"
               "DO: write this")
              .size() == 1);
    CHECK(bans("src/core/engine.cpp",
               "// FIX"
               "ME")
              .size() == 1);
    CHECK(bans("README.md",
               "cd /ro"
               "ot/project")
              .size() == 1);
    CHECK(bans("README.md", "mastodon and hacks").empty());
  }

  TEST_CASE("the shape of a file is checked") {
    auto const shape = [](std::string path, std::string text) {
      return check_shape(make_source_file(std::move(path), std::move(text)));
    };
    CHECK(shape("src/core/a.cpp", std::string(100, 'x') + "\n").empty());
    CHECK(shape("src/core/a.cpp", std::string(101, 'x') + "\n").size() == 1);
    CHECK(shape("src/core/a.cpp", "// " + std::string(48, 'x') + "……………………\n").empty());
    CHECK(shape("src/core/a.cpp", "int a;\t\n").size() == 1);
    CHECK(shape("src/core/a.cpp", "int a; \n").size() == 1);
    CHECK(shape("src/core/a.cpp", "int a;").size() == 1);
    CHECK(shape("src/core/a.hpp", "int a;\n").size() == 1);
    CHECK(shape("src/core/a.hpp", "#pragma once\nint a;\n").empty());
    CHECK(shape("src/core/a.hpp", "#pragma once\nusing namespace std;\n").size() == 1);
    CHECK(shape("src/core/a.hpp", "#pragma once\nusing namespace std::literals;\n").empty());
    CHECK(shape("README.md", std::string(200, 'x') + "\n").empty());
    std::string lines;
    for (int i = 0; i < 400; ++i) lines += "int a;\n";
    CHECK(shape("src/core/a.cpp", lines).empty());
    CHECK(shape("src/core/a.cpp", lines + "int a;\n").size() == 1);
  }
}

}  // namespace
}  // namespace wixtokend::tidy
