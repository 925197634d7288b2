#include "tidy/checks.hpp"

#include <doctest/doctest.h>

namespace wixtokend::tidy {
namespace {

TEST_SUITE("tidy.check_reach") {
  TEST_CASE("a costly library stays behind the headers of its folder") {
    std::vector<source_file> tree;
    tree.push_back(make_source_file("src/net/private.hpp", "#include <openssl/ssl.h>\n"));
    tree.push_back(make_source_file("src/net/deeper.hpp", "#include \"net/private.hpp\"\n"));
    tree.push_back(make_source_file("src/net/tls.hpp", "#include <string>\n"));
    tree.push_back(make_source_file("src/net/tls.cpp", "#include \"net/deeper.hpp\"\n"));
    tree.push_back(make_source_file("tests/net/tls_test.cpp", "#include \"net/deeper.hpp\"\n"));
    tree.push_back(make_source_file("tests/support/tls.cpp", "#include \"net/deeper.hpp\"\n"));
    tree.push_back(make_source_file("src/api/server.cpp", "#include \"net/tls.hpp\"\n"));
    CHECK(check_reach(tree).empty());

    tree.push_back(make_source_file("src/api/session.cpp", "\n#include \"net/deeper.hpp\"\n"));
    CHECK(check_reach(tree) ==
          findings{
              "src/api/session.cpp:2: net/deeper.hpp brings the costly <openssl/ssl.h> with it"});
  }

  TEST_CASE("a cheap header of a library may be brought along") {
    std::vector<source_file> tree;
    tree.push_back(make_source_file("src/async/task.hpp", "#include <boost/asio/awaitable.hpp>\n"));
    tree.push_back(make_source_file("src/observe/log.cpp", "#include \"async/task.hpp\"\n"));
    CHECK(check_reach(tree).empty());
  }

  TEST_CASE("headers that include each other are no trouble") {
    std::vector<source_file> tree;
    tree.push_back(make_source_file("src/net/a.hpp", "#include \"net/b.hpp\"\n"));
    tree.push_back(
        make_source_file("src/net/b.hpp", "#include \"net/a.hpp\"\n#include <openssl/ssl.h>\n"));
    tree.push_back(make_source_file("src/api/a.cpp", "#include \"net/b.hpp\"\n"));
    CHECK(check_reach(tree).size() == 1);
  }
}

}  // namespace
}  // namespace wixtokend::tidy
