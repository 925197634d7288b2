#include "daemon/config_keys.hpp"

#include "daemon/config_document.hpp"
#include "daemon/config_reader.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace wixtokend::daemon;

// A key line of the documented file: "key = value", or "#key = value" for one that is commented
// out.
struct documented_key {
  std::string path;
  std::string value;
  bool commented = false;
  bool in_force = true;  // its table
};

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

struct documented_file {
  std::string text;         // as it is
  std::string uncommented;  // with every key and table in force
  std::vector<documented_key> keys;

  documented_file() {
    std::ifstream file{WIXTOKEND_SOURCE_DIR "/config/wixtokend.toml"};
    std::string line;
    std::string table;
    bool in_force = false;
    while (std::getline(file, line)) {
      text += line + '\n';
      bool const commented =
          line.size() > 1 && line[0] == '#' && (is_key_character(line[1]) || line[1] == '[');
      auto const content = commented ? line.substr(1) : line;
      uncommented += content + '\n';
      if (content.starts_with('[')) {
        auto const begin = content.find_first_not_of('[');
        table = content.substr(begin, content.find(']') - begin);
        in_force = !commented;
      } else if (!content.empty() && is_key_character(content[0])) {
        auto const equals = content.find(" = ");
        REQUIRE_MESSAGE(equals != std::string::npos, line);
        keys.push_back({table + '.' + content.substr(0, equals), content.substr(equals + 3),
                        commented, in_force});
      }
    }
    REQUIRE(!text.empty());
  }
};

std::vector<std::string> problems_of(std::string const& text) {
  auto const document = parse_document(text);
  if (auto const* const problem = std::get_if<config_problem>(&document)) {
    return {to_text("f", *problem)};
  }
  std::vector<std::string> out;
  for (auto const& one : read_document(std::get<config_table>(document)).problems) {
    out.push_back(one.key + ": " + one.text);
  }
  return out;
}

}  // namespace

TEST_SUITE("daemon.config_keys") {
  TEST_CASE("each key is declared once, with a meaning and a type") {
    std::set<std::string> seen;
    for (auto const& key : declared_keys()) {
      CHECK_MESSAGE(seen.insert(key.path).second, key.path);
      CHECK_MESSAGE(!key.type.empty(), key.path);
      CHECK_MESSAGE(!key.meaning.empty(), key.path);
    }
    CHECK(seen.size() > 25);
  }

  TEST_CASE("the documented file lists exactly the declared keys, in their order in each table") {
    documented_file const file;
    std::map<std::string, std::vector<std::string>> documented;
    std::map<std::string, std::vector<std::string>> declared;
    for (auto const& key : file.keys)
      documented[key.path.substr(0, key.path.find('.'))].push_back(key.path);
    for (auto const& key : declared_keys()) {
      declared[key.path.substr(0, key.path.find('.'))].push_back(key.path);
    }
    REQUIRE(documented.size() == declared.size());
    for (auto const& one : declared) {
      auto const& table = one.first;  // clang captures no structured binding
      auto const& keys = one.second;
      REQUIRE_MESSAGE(documented[table].size() == keys.size(), table);
      for (std::size_t i = 0; i < keys.size(); ++i) CHECK(documented[table][i] == keys[i]);
    }
  }

  TEST_CASE("the documented defaults are those of the code") {
    documented_file const file;
    std::map<std::string, std::string> documented;
    for (auto const& key : file.keys) documented[key.path] = key.value;
    for (auto const& key : declared_keys()) {
      if (key.default_text.empty()) continue;
      CHECK_MESSAGE(documented[key.path] == key.default_text, key.path);
    }
  }

  TEST_CASE("only required keys are in force in the documented file") {
    documented_file const file;
    std::set<std::string> required;
    for (auto const& key : declared_keys()) {
      if (key.required) required.insert(key.path);
    }
    for (auto const& key : file.keys) {
      bool const stands = required.contains(key.path) && key.in_force;
      CHECK_MESSAGE(key.commented == !stands, key.path);
    }
  }

  TEST_CASE("the documented file is valid but for the example's app id") {
    documented_file const file;
    std::vector<std::string> const expected{
        "app.app_id: is still the example's: put your own app's id here"};
    CHECK(problems_of(file.text) == expected);
    CHECK(problems_of(file.uncommented) == expected);
  }

  TEST_CASE("every default is a value that its key accepts") {
    for (auto const& key : declared_keys()) {
      if (key.default_text.empty()) continue;
      auto const dot = key.path.find('.');
      auto const table = key.path.substr(0, dot);
      bool const several = table == "app" || table == "socket" || table == "access";
      auto const text = (several ? "[[" + table + "]]\n" : "[" + table + "]\n") +
                        key.path.substr(dot + 1) + " = " + key.default_text + "\n";
      for (auto const& problem : problems_of(text)) {
        CHECK_MESSAGE(problem.find(key.path + ":") == std::string::npos, problem);
      }
    }
  }

  TEST_CASE("what may be automatic is \"auto\" or a value within bounds, and nothing else") {
    auto const problem_of = [](std::string const& line) {
      for (auto const& one : problems_of("[[app]]\n" + line + "\n")) {
        if (one.find("is missing") == std::string::npos) return one;
      }
      return std::string{};
    };
    CHECK(problem_of("requests_per_second = 'auto'") == "");
    CHECK(problem_of("requests_per_second = 0.1") == "");
    CHECK(problem_of("requests_per_second = 10000") == "");
    CHECK(problem_of("requests_per_second = 0.09") ==
          "app.requests_per_second: must be from 0.1 to 10000");
    CHECK(problem_of("requests_per_second = 'fast'") ==
          "app.requests_per_second: must be \"auto\" or a number");
    CHECK(problem_of("requests_per_second = '5'") ==
          "app.requests_per_second: must be \"auto\" or a number");
    CHECK(problem_of("requests_per_second = true") ==
          "app.requests_per_second: must be a number, but is a boolean");

    CHECK(problem_of("idle_after = 'auto'") == "");
    CHECK(problem_of("idle_after = '1m'") == "");
    CHECK(problem_of("idle_after = '720h'") == "");
    CHECK(problem_of("idle_after = '59s'") == R"(app.idle_after: must be from "1m" to "720h")");
    CHECK(problem_of("idle_after = '721h'") == R"(app.idle_after: must be from "1m" to "720h")");
    auto const wrong = R"(app.idle_after: must be "auto" or a duration in quotes, such as "2h")";
    CHECK(problem_of("idle_after = 'soon'") == wrong);
    CHECK(problem_of("idle_after = 3600") == wrong);
    CHECK(problem_of("idle_after = ''") == wrong);

    CHECK(problem_of("resilience = 'economy'") == "");
    CHECK(problem_of("resilience = 'high'") ==
          R"(app.resilience: must be "economy", "balanced" or "max")");
  }
}
