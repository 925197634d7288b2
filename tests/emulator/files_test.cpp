#include "emulator/files.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>

using namespace wixtokend;
using namespace wixtokend::emulator;

namespace {

std::string content_of(std::string const& path) {
  auto const read = read_file(path);
  REQUIRE(read.has_value());
  return std::string{read->reveal()};
}

}  // namespace

TEST_SUITE("emulator.files") {
  TEST_CASE("a secret is the content of its file without one trailing newline") {
    test::temporary_folder const folder;
    auto const secret_in = [&](std::string const& content) {
      auto const read = read_secret_file(folder.write("secret", content));
      return read.has_value() ? std::string{read->reveal()} : "(" + read.error().message() + ")";
    };
    CHECK(secret_in("abc") == "abc");
    CHECK(secret_in("abc\n") == "abc");
    CHECK(secret_in("abc\n\n") == "abc\n");
    CHECK(secret_in(" abc ") == " abc ");
    CHECK(secret_in("") == "(" + make_error_code(errc::file_unreadable).message() + ")");
    CHECK(secret_in("\n") == "(" + make_error_code(errc::file_unreadable).message() + ")");
  }

  TEST_CASE("a missing file is the system's error, a huge one is refused") {
    test::temporary_folder const folder;
    CHECK(read_file(folder.path("none")).error() == boost::system::errc::no_such_file_or_directory);
    CHECK(read_file(folder.path()).has_error());
    CHECK(content_of(folder.write("full", std::string(64 * 1024, 'x'))).size() == 64 * 1024);
    CHECK(read_file(folder.write("large", std::string(64 * 1024 + 1, 'x'))).error() ==
          errc::file_unreadable);
  }

  TEST_CASE("a public file can be read by everybody, and replaces the old one") {
    test::temporary_folder const folder;
    auto const path = folder.write("ca.pem", "old and longer", 0600);
    REQUIRE(write_public_file(path, "new").has_value());
    CHECK(content_of(path) == "new");
    struct stat about {};
    REQUIRE(::stat(path.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777U) == 0644U);

    std::size_t files = 0;
    for ([[maybe_unused]] auto const& one : std::filesystem::directory_iterator{folder.path()}) {
      ++files;
    }
    CHECK(files == 1);
  }

  TEST_CASE("a file that cannot be written is an error and leaves nothing behind") {
    test::temporary_folder const folder;
    CHECK(write_public_file(folder.path("none/ca.pem"), "x").error() ==
          boost::system::errc::no_such_file_or_directory);
    std::filesystem::create_directory(folder.path("taken"));
    CHECK(write_public_file(folder.path("taken"), "x").has_error());
    std::size_t files = 0;
    for ([[maybe_unused]] auto const& one : std::filesystem::directory_iterator{folder.path()}) {
      ++files;
    }
    CHECK(files == 1);
  }
}
