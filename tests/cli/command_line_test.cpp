#include "cli/command_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;

invocation parse(std::vector<std::string> arguments) {
  return parse_command_line(std::move(arguments), "/from/environment");
}

template <class Command>
Command as(invocation const& what) {
  auto const* const text = std::get_if<print_command>(&what.what);
  REQUIRE_MESSAGE(std::holds_alternative<Command>(what.what), (text ? text->text : "another"));
  return std::get<Command>(what.what);
}

std::string refusal(std::vector<std::string> arguments) {
  auto const said = as<print_command>(parse(std::move(arguments)));
  CHECK(said.code == exit_code::usage);
  CHECK(said.text.starts_with("wixtoken: "));
  CHECK(said.text.ends_with("; see wixtoken --help\n"));
  return said.text;
}

TEST_SUITE("cli.command_line") {
  TEST_CASE("what all commands have in common stands before or behind the command") {
    for (bool const before : {true, false}) {
      std::vector<std::string> arguments{"--socket", "/s",      "--app", "shop",      "--timeout",
                                         "3",        "--wait",  "1m",    "--json",    "--owner",
                                         "0",        "--owner", "12345", "--no-color"};
      arguments.insert(before ? arguments.end() : arguments.begin(), "status");
      auto const got = parse(arguments);
      as<status_command>(got);
      CHECK(got.daemon.socket == "/s");
      CHECK(got.daemon.app == "shop");
      CHECK(got.daemon.timeout == 3s);
      CHECK(got.daemon.owners == std::vector<std::uint32_t>{0, 12345});
      CHECK(got.wait_for_socket == 1min);
      CHECK(got.json);
      CHECK_FALSE(got.colour);
    }
  }

  TEST_CASE("the socket is that of the environment unless one is given") {
    auto const got = parse({"status"});
    CHECK(got.daemon.socket == "/from/environment");
    CHECK(got.daemon.timeout == 10s);
    CHECK(got.daemon.reconnect_for == 0s);
    CHECK(got.wait_for_socket == 0s);
    CHECK_FALSE(got.json);
    CHECK(got.colour);
    auto const twice = parse({"--socket", "/a", "status", "--socket", "/b", "--timeout", "1",
                              "--timeout", "2"});  // an alias, and what is typed
    CHECK(twice.daemon.socket == "/b");
    CHECK(twice.daemon.timeout == 2s);
  }

  TEST_CASE("an owner may be a name") {
    CHECK(as<token_command>(parse({"get", "--owner", "root", "i"})).instance == "i");
    CHECK(parse({"--owner", "root", "status"}).daemon.owners == std::vector<std::uint32_t>{0});
    CHECK(refusal({"--owner", "no-such-user", "status"}).find("no-such-user") != std::string::npos);
  }

  TEST_CASE("get and header take an id and what is needed of the token") {
    auto const get = as<token_command>(parse({"get", "2d2f", "--min-valid", "90s", "--no-wait"}));
    CHECK(get.instance == "2d2f");
    CHECK(get.min_valid == 90s);
    CHECK_FALSE(get.wait);
    CHECK_FALSE(get.header);
    auto const header = as<token_command>(parse({"header", "2d2f"}));
    CHECK(header.header);
    CHECK(header.wait);
    CHECK(header.min_valid == 0s);
  }

  TEST_CASE("a token is reported in one way only") {
    auto const one = as<reject_command>(parse({"reject", "i", "--generation", "1767225600001"}));
    CHECK(one.generation == 1767225600001);
    CHECK(as<reject_command>(parse({"reject", "i", "--token-file", "-"})).token_file == "-");
    CHECK(as<reject_command>(parse({"reject", "i", "--drop"})).drop);
    auto const plain = as<reject_command>(parse({"reject", "i"}));
    CHECK_FALSE(plain.generation.has_value());
    refusal({"reject", "i", "--generation", "1", "--drop"});
    refusal({"reject", "i", "--token-file", "-", "--drop"});
    refusal({"reject", "i", "--generation", "abc"});
  }

  TEST_CASE("instances are registered with one grant") {
    auto const many = as<add_command>(parse({"add", "a", "b"}));
    CHECK(many.instances == std::vector<std::string>{"a", "b"});
    auto const one = as<add_command>(parse({"add", "a", "--refresh-token-file", "f", "--replace"}));
    CHECK(one.refresh_token_file == "f");
    CHECK(one.replace);
    CHECK(as<add_command>(parse({"add", "a", "--code-file", "-"})).code_file == "-");
    CHECK(as<add_command>(parse({"add", "a", "--client-credentials"})).client_credentials);
    refusal({"add", "a", "--code-file", "f", "--refresh-token-file", "g"});
    refusal({"add", "a", "--code-file", "f", "--client-credentials"});
    refusal({"add", "a", "b", "--refresh-token-file", "f"});
    refusal({"add"});
  }

  TEST_CASE("the other commands") {
    CHECK(as<list_command>(parse({"list", "--state", "blocked", "--limit", "7"})).limit == 7);
    CHECK(as<import_command>(parse({"import", "-", "--replace"})).replace);
    CHECK(as<watch_command>(parse({"watch", "i", "--count", "2"})).count == 2);
    for (auto const& [name, action] : {std::pair{"show", instance_action::show},
                                       {"remove", instance_action::remove},
                                       {"retry", instance_action::retry},
                                       {"restore", instance_action::restore}}) {
      auto const got = as<instances_command>(parse({name, "a", "b"}));
      CHECK(got.what == action);
      CHECK(got.instances.size() == 2);
    }
    auto const top = as<top_command>(parse({"top", "--interval", "500ms", "--app", "x", "--once"}));
    CHECK(top.interval == 500ms);
    CHECK(top.app == "x");
    CHECK(top.once);
    CHECK(parse({"top"}).daemon.timeout == 2s);
    CHECK(parse({"top", "--timeout", "7"}).daemon.timeout == 7s);
  }

  TEST_CASE("what is wrong is said, and ends with 64") {
    refusal({});
    refusal({"no-such-command"});
    refusal({"get"});
    refusal({"get", "a", "b"});
    refusal({"status", "--no-such-option"});
    refusal({"list", "--state", "hot"});
    refusal({"status", "--timeout", "0"});
    CHECK(refusal({"status", "--timeout", "soon"}).find("30s or 500ms") != std::string::npos);
    refusal({"top", "--interval", "50ms"});
    refusal({"import"});
  }

  TEST_CASE("no secret has an option of its own on the command line") {
    auto const help = as<print_command>(parse({"add", "--help"})).text;
    CHECK(help.find("--refresh-token-file") != std::string::npos);
    CHECK(help.find("--refresh-token ") == std::string::npos);
    refusal({"add", "i", "--refresh-token", "OAUTH2.x"});
    refusal({"add", "i", "--code", "x"});
  }

  TEST_CASE("help and version go to standard output") {
    auto const help = as<print_command>(parse({"--help"}));
    CHECK(help.code == exit_code::good);
    for (auto const* const name : {"get", "header", "watch", "reject", "list", "show", "add",
                                   "import", "remove", "retry", "restore", "status", "top"}) {
      CHECK_MESSAGE(help.text.find(std::string{"  "} + name + " ") != std::string::npos, name);
    }
    CHECK(help.text.find("Exit codes: 0 done") != std::string::npos);
    CHECK(as<print_command>(parse({"--version"})).text.starts_with("wixtoken "));
    CHECK(as<print_command>(parse({"version"})).text.starts_with("wixtoken "));
    CHECK(as<print_command>(parse({"version", "--json"}))
              .text.starts_with(R"({"name":"wixtoken","version":")"));
    CHECK(as<print_command>(parse({"get", "--help"})).text.find("--min-valid") !=
          std::string::npos);
  }
}

}  // namespace
}  // namespace wixtokend::cli
