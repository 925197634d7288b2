#include "daemon/keygen.hpp"

#include "base/secret.hpp"
#include "daemon/startup_error.hpp"
#include "store/key_ring.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>
#include <variant>

namespace {

using namespace wixtokend;
using namespace wixtokend::daemon;

std::string content_of(std::string const& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string refusal(std::string const& file) {
  try {
    make_key(file);
    return "made";
  } catch (startup_error const& error) {
    CHECK(error.code() == exit_code::cannot_create);
    return error.what();
  }
}

}  // namespace

TEST_SUITE("daemon.keygen") {
  TEST_CASE("a key file is private, and holds one key that no other has") {
    test::temporary_folder const folder;
    auto const file = folder.path("key");
    auto const other = folder.path("other");
    make_key(file);
    make_key(other);

    struct stat facts {};
    REQUIRE(::stat(file.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 07777U) == 0600);
    auto const keys = store::parse_keys(secret{content_of(file)});
    REQUIRE(std::holds_alternative<store::key_ring>(keys));
    CHECK(std::get<store::key_ring>(keys).all().size() == 1);
    CHECK(content_of(file) != content_of(other));
  }

  TEST_CASE("a file that is there is never overwritten") {
    test::temporary_folder const folder;
    auto const file = folder.write("key", "precious\n");
    CHECK(refusal(file).find("exists already") != std::string::npos);
    CHECK(content_of(file) == "precious\n");
  }

  TEST_CASE("a file that cannot be created is named with the reason") {
    test::temporary_folder const folder;
    auto const file = folder.path("absent/key");
    CHECK(refusal(file) == '"' + file + "\" cannot be created: No such file or directory");
  }
}
