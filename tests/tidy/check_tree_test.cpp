#include "tidy/checks.hpp"

#include <doctest/doctest.h>

namespace wixtokend::tidy {
namespace {

// A small tree that is in order.
std::vector<source_file> good_tree() {
  std::vector<source_file> tree;
  tree.push_back(make_source_file("src/CMakeLists.txt",
                                  "wixtokend_library(base SOURCES base/text.cpp)  # base/old.cpp\n"
                                  "wixtokend_library(core SOURCES core/engine.cpp\n"
                                  "  USES wixtokend::base)\n"
                                  "set_source_files_properties(core/engine.cpp PROPERTIES X 1)\n"));
  tree.push_back(
      make_source_file("tests/CMakeLists.txt",
                       "wixtokend_tests(core SOURCES core/engine_test.cpp USES wixtokend::core)"));
  tree.push_back(make_source_file("src/base/text.cpp", ""));
  tree.push_back(make_source_file("src/core/engine.cpp", ""));
  tree.push_back(make_source_file("tests/core/engine_test.cpp", "TEST_SUITE(\"core.engine\") {}"));
  return tree;
}

TEST_SUITE("tidy.check_tree") {
  TEST_CASE("a tree in order passes") {
    CHECK(check_targets(good_tree()).empty());
    CHECK(check_mirror(good_tree()).empty());
  }

  TEST_CASE("a source that no target lists is found") {
    auto tree = good_tree();
    tree.push_back(make_source_file("src/core/dead.cpp", ""));
    CHECK(check_targets(tree) == findings{"src/core/dead.cpp:1: no CMake target lists this file"});
  }

  TEST_CASE("a source that is listed twice, or missing, is found") {
    auto tree = good_tree();
    tree.push_back(make_source_file("bench/CMakeLists.txt",
                                    "add_executable(b ${PROJECT_SOURCE_DIR}/src/core/engine.cpp"
                                    " gone.cpp)"));
    CHECK(check_targets(tree) == findings{"src/core/engine.cpp:1: listed in more than one place",
                                          "bench/gone.cpp:1: listed in CMake, but not there"});
  }

  TEST_CASE("a library that links against the table is found") {
    auto tree = good_tree();
    tree[0] =
        make_source_file("src/CMakeLists.txt",
                         "wixtokend_library(base SOURCES base/text.cpp USES wixtokend::core)\n"
                         "wixtokend_library(core SOURCES core/engine.cpp)\n");
    CHECK(check_targets(tree) ==
          findings{"src/CMakeLists.txt:1: base may not link wixtokend::core"});
  }

  TEST_CASE("a test may be of one aspect of a source") {
    auto tree = good_tree();
    tree.push_back(make_source_file("tests/core/engine_end_of_life_test.cpp",
                                    "TEST_SUITE(\"core.engine_end_of_life\") {}"));
    CHECK(check_mirror(tree).empty());
    tree.push_back(
        make_source_file("tests/core/motor_end_test.cpp", "TEST_SUITE(\"core.motor_end\") {}"));
    CHECK(check_mirror(tree).size() == 1);
  }

  TEST_CASE("a test of nothing, or with a wrong suite, is found") {
    auto tree = good_tree();
    tree.push_back(make_source_file("tests/core/gone_test.cpp", "TEST_SUITE(\"core.gone\") {}"));
    CHECK(check_mirror(tree).size() == 1);
    tree = good_tree();
    tree.back() = make_source_file("tests/core/engine_test.cpp", "TEST_SUITE(\"core.motor\") {}");
    CHECK(check_mirror(tree).size() == 1);
  }
}

}  // namespace
}  // namespace wixtokend::tidy
