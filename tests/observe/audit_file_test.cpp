#include "observe/audit_file.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace wixtokend::observe {
namespace {

std::string content(std::string const& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

audit_lines lines(std::string text) {
  return {std::move(text), 0};
}

}  // namespace

TEST_SUITE("observe.audit_file") {
  TEST_CASE("it is created for its owner only, and appended to ever after") {
    test::temporary_folder const folder;
    auto const path = folder.path("audit.log");
    for (std::string const text : {"one\n", "two\n"}) {
      audit_file file{path};
      REQUIRE(!file.open());
      auto to_write = lines(text);
      CHECK(!file.write(to_write));
      CHECK(to_write.empty());
    }
    CHECK(content(path) == "one\ntwo\n");
    struct stat facts {};
    REQUIRE(::stat(path.c_str(), &facts) == 0);
    CHECK((facts.st_mode & 0777U) == 0600);
  }

  TEST_CASE("what was renamed is left alone once the path is opened anew") {
    test::temporary_folder const folder;
    auto const path = folder.path("audit.log");
    audit_file file{path};
    REQUIRE(!file.open());
    auto first = lines("one\n");
    REQUIRE(!file.write(first));
    std::filesystem::rename(path, path + ".1");
    auto second = lines("two\n");
    REQUIRE(!file.write(second));
    REQUIRE(!file.open());
    auto third = lines("three\n");
    REQUIRE(!file.write(third));
    CHECK(content(path + ".1") == "one\ntwo\n");
    CHECK(content(path) == "three\n");
  }

  TEST_CASE("a line that was left unfinished is ended, and no other") {
    test::temporary_folder const folder;
    auto const path = folder.write("audit.log", "one\ntw");
    audit_file file{path};
    REQUIRE(!file.open());
    CHECK(content(path) == "one\ntw\n");
    REQUIRE(!file.open());
    CHECK(content(path) == "one\ntw\n");
  }

  TEST_CASE("what is no regular file is refused, and a link is not followed") {
    test::temporary_folder const folder;
    auto const fifo = folder.path("fifo");
    REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    auto const target = folder.write("target", "");
    std::filesystem::create_symlink(target, folder.path("link"));
    for (auto const& path : {folder.path(), fifo, folder.path("link"), folder.path("none/file"),
                             std::string{"/dev/null"}}) {
      CAPTURE(path);
      CHECK(audit_file{path}.open().failed());
    }
    CHECK(content(target).empty());
  }

  TEST_CASE("when it cannot be opened anew, the file before is written on") {
    test::temporary_folder const folder;
    auto const path = folder.path("audit.log");
    audit_file file{path};
    REQUIRE(!file.open());
    std::filesystem::rename(path, path + ".1");
    std::filesystem::create_directory(path);
    CHECK(file.open().failed());
    auto text = lines("one\n");
    CHECK(!file.write(text));
    CHECK(content(path + ".1") == "one\n");
  }
}

}  // namespace wixtokend::observe
