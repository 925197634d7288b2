#include "tidy/source_file.hpp"

#include <doctest/doctest.h>

namespace wixtokend::tidy {
namespace {

TEST_SUITE("tidy.source_file") {
  TEST_CASE("a path has an area, a folder and a noun") {
    auto const file = make_source_file("src/core/engine.cpp", "");
    CHECK(file.area() == "src");
    CHECK(file.folder() == "core");
    CHECK(file.noun() == "engine");
    auto const script = make_source_file("dev", "");
    CHECK(script.area() == "");
    CHECK(script.folder() == "");
    CHECK(script.noun() == "dev");
    CHECK(make_source_file("include/wixtoken/client.hpp", "").folder() == "wixtoken");
  }

  TEST_CASE("comments and literals become blanks, all else keeps its place") {
    CHECK(blanked("a; // b\nc;") == "a;     \nc;");
    CHECK(blanked("a /* b\n c */ d") == "a     \n      d");
    CHECK(blanked("f(\"x\\\"y\", 'z', '\\'');") == "f(\"    \", ' ', '  ');");
    CHECK(blanked("auto n = 1'000'000; g('{');") == "auto n = 1'000'000; g(' ');");
    CHECK(blanked("r(R\"x({\" )y\")x\");") == "r(R\"          \");");
    CHECK(blanked("#include \"base/error.hpp\"\n\"a\"") == "#include \"base/error.hpp\"\n\" \"");
  }

  TEST_CASE("text that ends within a comment or a literal is blanked to its end") {
    CHECK(blanked("a /* b") == "a     ");
    CHECK(blanked("a // b") == "a     ");
    CHECK(blanked("a \"b") == "a \" ");
    CHECK(blanked("a \"b\\") == "a \"  ");
    CHECK(blanked("R\"(b") == "R\"  ");
  }

  TEST_CASE("lines are counted from one") {
    CHECK(line_at("a\nb\nc", 0) == 1);
    CHECK(line_at("a\nb\nc", 4) == 3);
    CHECK(lines_of("a\n\nb\n").size() == 3);
    CHECK(lines_of("a\n\nb\n").back() == "b");
    CHECK(lines_of("").empty());
  }
}

}  // namespace
}  // namespace wixtokend::tidy
