#include "cli/import_lines.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

namespace wixtokend::cli {
namespace {

std::string line_of(std::string_view text) {
  std::string batch;
  auto const kind = append_line(text, batch);
  CHECK((kind == line_kind::nothing) == batch.empty());
  return batch;
}

TEST_SUITE("cli.import_lines") {
  TEST_CASE("a line may be an id") {
    CHECK(line_of("2d2f") == "{\"instance_id\":\"2d2f\"}\n");
    CHECK(line_of("  2d2f\r") == "{\"instance_id\":\"2d2f\"}\n");
    CHECK(line_of("\"2d2f\"") == "{\"instance_id\":\"2d2f\"}\n");
  }

  TEST_CASE("a line may be an id and a refresh token, as a database writes them") {
    std::string const wanted =
        "{\"instance_id\":\"2d2f\",\"grant\":\"refresh_token\",\"refresh_token\":\"OAUTH2.x\"}\n";
    for (auto const* const text :
         {"2d2f,OAUTH2.x", "2d2f;OAUTH2.x", "2d2f OAUTH2.x", "2d2f\tOAUTH2.x", "2d2f , OAUTH2.x",
          "\"2d2f\",\"OAUTH2.x\"\r"}) {
      CHECK(line_of(text) == wanted);
    }
    CHECK(line_of("2d2f,") == "{\"instance_id\":\"2d2f\"}\n");
  }

  TEST_CASE("a line may be JSON, which stays as it is") {
    CHECK(line_of(" {\"instance_id\":\"2d2f\"} ") == "{\"instance_id\":\"2d2f\"}\n");
    CHECK(line_of("{broken") == "{broken\n");  // the daemon says what is wrong with it
  }

  TEST_CASE("blank lines, comments and the head of a table are nothing") {
    for (auto const* const text :
         {"", "  \r", "# 2d2f", "instance_id,refresh_token", "\"INSTANCE_ID\"", "instanceId"}) {
      CHECK(line_of(text).empty());
    }
  }

  TEST_CASE("whatever a line has in it, it stays one line and one string") {
    CHECK(line_of("a\"b,c\\d\x01") ==
          "{\"instance_id\":\"a\\\"b\",\"grant\":\"refresh_token\","
          "\"refresh_token\":\"c\\\\d\\u0001\"}\n");
  }

  TEST_CASE("lines are read one by one, the last one without an end too") {
    std::istringstream in{"one\n\nthree"};
    std::string line;
    REQUIRE(read_line(in, line, 10));
    CHECK(line == "one");
    REQUIRE(read_line(in, line, 10));
    CHECK(line.empty());
    REQUIRE(read_line(in, line, 10));
    CHECK(line == "three");
    CHECK_FALSE(read_line(in, line, 10));
  }

  TEST_CASE("an endless line takes no more memory than the limit") {
    std::istringstream in{std::string(1000, 'x') + "\nnext\n"};
    std::string line;
    REQUIRE(read_line(in, line, 10));
    CHECK(line.size() == 11);
    REQUIRE(read_line(in, line, 10));
    CHECK(line == "next");
  }
}

}  // namespace
}  // namespace wixtokend::cli
