#include "daemon/command_line.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace wixtokend::daemon;
using namespace std::chrono_literals;

action parse(std::vector<char const*> words) {
  words.insert(words.begin(), "wixtokend");
  return parse_command_line(static_cast<int>(words.size()), words.data());
}

std::string usage_error(std::vector<char const*> words) {
  auto const outcome = parse(std::move(words));
  auto const* const print = std::get_if<print_action>(&outcome);
  if (print == nullptr) return "no error";
  CHECK(print->code == exit_code::usage);
  return print->text;
}

std::string help(std::vector<char const*> words) {
  auto const outcome = parse(std::move(words));
  auto const* const print = std::get_if<print_action>(&outcome);
  REQUIRE(print != nullptr);
  CHECK(print->code == exit_code::clean);
  return print->text;
}

bool contains(std::string const& text, char const* part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_SUITE("daemon.command_line") {
  TEST_CASE("without a command it serves, with the usual configuration") {
    CHECK(std::get<run_action>(parse({})).config_file == "/etc/wixtokend/wixtokend.toml");
    CHECK(std::get<run_action>(parse({"run"})).config_file == "/etc/wixtokend/wixtokend.toml");
  }

  TEST_CASE("the configuration is named before or after the command") {
    CHECK(std::get<run_action>(parse({"--config", "a.toml"})).config_file == "a.toml");
    CHECK(std::get<run_action>(parse({"run", "--config", "a.toml"})).config_file == "a.toml");
    CHECK(std::get<run_action>(parse({"--config", "a.toml", "run"})).config_file == "a.toml");
    CHECK(std::get<run_action>(parse({"run", "-c", "a.toml"})).config_file == "a.toml");
    CHECK(std::get<check_action>(parse({"check", "--config=a.toml"})).config_file == "a.toml");
  }

  TEST_CASE("healthcheck knows what to ask, whom, and for how long") {
    auto const plain = std::get<healthcheck_action>(parse({"healthcheck"}));
    CHECK(plain.socket == "/run/wixtokend/wixtokend.sock");
    CHECK(!plain.ready);
    CHECK(plain.timeout == 5s);

    auto const full = std::get<healthcheck_action>(
        parse({"healthcheck", "--ready", "--socket", "/s", "--timeout", "250ms"}));
    CHECK(full.socket == "/s");
    CHECK(full.ready);
    CHECK(full.timeout == 250ms);
  }

  TEST_CASE("check looks into the store only when it is told to") {
    CHECK(!std::get<check_action>(parse({"check"})).store);
    auto const full = std::get<check_action>(parse({"check", "--store", "-c", "a.toml"}));
    CHECK(full.store);
    CHECK(full.config_file == "a.toml");
    CHECK(contains(usage_error({"run", "--store"}), "--store"));
  }

  TEST_CASE("keygen prints, or writes into the file that is named") {
    CHECK(std::get<keygen_action>(parse({"keygen"})).file.empty());
    CHECK(std::get<keygen_action>(parse({"keygen", "-o", "key"})).file == "key");
    CHECK(std::get<keygen_action>(parse({"keygen", "--output=key"})).file == "key");
    CHECK(contains(usage_error({"keygen", "key"}), "key"));
  }

  TEST_CASE("backup needs a destination") {
    auto const plain = std::get<backup_action>(parse({"backup", "/b/copy.db"}));
    CHECK(plain.config_file == "/etc/wixtokend/wixtokend.toml");
    CHECK(plain.destination == "/b/copy.db");
    CHECK(std::get<backup_action>(parse({"backup", "-c", "a.toml", "b"})).config_file == "a.toml");
    CHECK(contains(usage_error({"backup"}), "destination"));
    CHECK(contains(usage_error({"backup", "a", "b"}), "b"));
  }

  TEST_CASE("the version is a command and a flag") {
    CHECK(std::holds_alternative<version_action>(parse({"version"})));
    CHECK(std::holds_alternative<version_action>(parse({"--version"})));
  }

  TEST_CASE("help names the commands and the exit codes") {
    auto const text = help({"--help"});
    for (auto const* const word :
         {"run", "check", "keygen", "backup", "healthcheck", "version", "--config",
          "/etc/wixtokend/wixtokend.toml", "64", "69", "70", "71", "73", "74", "78"}) {
      CHECK_MESSAGE(contains(text, word), word);
    }
    CHECK(contains(help({"healthcheck", "--help"}), "--ready"));
    CHECK(!contains(help({"check", "--help"}), "--ready"));
  }

  TEST_CASE("what is wrong is named, in one line") {
    CHECK(contains(usage_error({"serve"}), "serve"));
    CHECK(contains(usage_error({"--confg", "x"}), "--confg"));
    CHECK(contains(usage_error({"run", "--ready"}), "--ready"));
    CHECK(contains(usage_error({"--config"}), "--config"));
    CHECK(contains(usage_error({"run", "check"}), "check"));
    for (auto const* const wrong : {"5", "0s", "-1s", "soon"}) {
      CHECK(contains(usage_error({"healthcheck", "--timeout", wrong}), "--timeout"));
    }
    auto const text = usage_error({"serve"});
    CHECK(text.find('\n') == text.size() - 1);
  }
}
