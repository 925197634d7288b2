#include "cli/secret_input.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <sstream>
#include <string>

namespace wixtokend::cli {
namespace {

struct world {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  console from{in, out, err};
  test::temporary_folder folder;

  secret_input of(std::string const& content) {
    return read_secret(from, folder.write("secret", content));
  }
};

TEST_SUITE("cli.secret_input") {
  TEST_CASE("one line end at the end is not part of it") {
    world w;
    CHECK(w.of("OAUTH2.x\n").text->reveal() == "OAUTH2.x");
    CHECK(w.of("OAUTH2.x\r\n").text->reveal() == "OAUTH2.x");
    CHECK(w.of("OAUTH2.x").text->reveal() == "OAUTH2.x");
    CHECK(w.of("x\n\n").text->reveal() == "x\n");
  }

  TEST_CASE("a dash is standard input") {
    world w;
    w.in.str("from a pipe\n");
    CHECK(read_secret(w.from, "-").text->reveal() == "from a pipe");
  }

  TEST_CASE("what is empty, too long, or not there has a reason") {
    world w;
    CHECK(w.of("").problem.ends_with(" is empty"));
    CHECK(w.of("\n").problem.ends_with(" is empty"));
    CHECK(w.of(std::string(16 * 1024, 'x')).text.has_value());
    CHECK(w.of(std::string(16 * 1024 + 1, 'x')).problem.ends_with(" has more than 16 KiB"));
    CHECK(
        read_secret(w.from, w.folder.path("none")).problem.ends_with("No such file or directory"));
    CHECK_FALSE(read_secret(w.from, w.folder.path()).text.has_value());
    CHECK(read_secret(w.from, "-").problem == "standard input is empty");
  }
}

}  // namespace
}  // namespace wixtokend::cli
