#include "tidy/checks.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace wixtokend::tidy {
namespace {

std::vector<source_file> const& tree() {
  static auto const files = read_tree(WIXTOKEND_SOURCE_DIR);
  return files;
}

findings all(findings (*check)(source_file const&)) {
  findings found;
  for (auto const& file : tree()) std::ranges::move(check(file), std::back_inserter(found));
  return found;
}

void expect_none(findings const& found) {
  for (auto const& one : found) MESSAGE(one);
  CHECK(found.size() == 0);
}

TEST_SUITE("tidy.tree") {
  TEST_CASE("the tree is read") {
    auto const has = [](std::string_view path) {
      return std::ranges::find(tree(), path, &source_file::path) != tree().end();
    };
    CHECK(has("src/base/error.hpp"));
    CHECK(has("tests/tidy/tree_test.cpp"));
    CHECK(has("src/CMakeLists.txt"));
    CHECK(has("dev"));
  }

  TEST_CASE("files have the agreed shape") {
    expect_none(all(check_shape));
  }
  TEST_CASE("includes follow the dependency table") {
    expect_none(all(check_includes));
  }
  TEST_CASE("nothing banned is used") {
    expect_none(all(check_bans));
  }
  TEST_CASE("coroutines avoid the traps of g++ 12") {
    expect_none(all(check_coroutines));
  }
  TEST_CASE("costly libraries stay behind headers") {
    expect_none(check_reach(tree()));
  }
  TEST_CASE("sources and targets agree") {
    expect_none(check_targets(tree()));
  }
  TEST_CASE("tests mirror sources") {
    expect_none(check_mirror(tree()));
  }
}

}  // namespace
}  // namespace wixtokend::tidy
