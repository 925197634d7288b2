#include "store/backup.hpp"

#include "store/store_world.hpp"

#include <sys/stat.h>

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

TEST_SUITE("store.backup") {
  TEST_CASE("a copy taken of a store in use is a store with all that was committed") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put_grant(1, "refresh").has_value());
    auto const copy = w.folder.path("copy.db");
    w.folder.write("copy.db.new", "half of one");  // of an attempt that was killed
    auto const failed = backup(w.file, copy);
    CHECK_MESSAGE(!failed.has_value(), (failed ? failed->text : ""));
    REQUIRE(w.put(2, "after the copy").has_value());
    struct stat is {};
    REQUIRE(::stat(copy.c_str(), &is) == 0);
    CHECK((is.st_mode & 0777U) == 0600U);
    CHECK(::stat((copy + ".new").c_str(), &is) != 0);
    CHECK(::stat((copy + "-wal").c_str(), &is) != 0);
    CHECK(::stat((copy + "-journal").c_str(), &is) != 0);

    store_world restored;
    restored.file = copy;
    REQUIRE(restored.start() == "");
    CHECK(restored.loaded.size() == 1);
    CHECK(restored.refresh_token(1) == "refresh");
    REQUIRE(restored.put(3, "goes on").has_value());
  }

  TEST_CASE("a copy of a store that was killed has what is in its log") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(1, "in the log").has_value());
    w.kill();
    auto const before = bytes_of(w.file);
    CHECK_FALSE(backup(w.file, w.folder.path("copy.db")).has_value());
    CHECK(bytes_of(w.file) == before);
    store_world restored;
    restored.file = w.folder.path("copy.db");
    REQUIRE(restored.start() == "");
    CHECK(restored.token(1) == "in the log");
  }

  TEST_CASE("nothing is overwritten, and nothing half is left") {
    store_world w;
    REQUIRE(w.start() == "");
    w.stop();
    auto const there = w.folder.write("there", "content");
    auto const failed = backup(w.file, there);
    REQUIRE(failed.has_value());
    CHECK(failed->text.find("name a file that is not there") != std::string::npos);
    CHECK(bytes_of(there) == "content");
    CHECK(backup(w.folder.path("missing"), w.folder.path("copy")).has_value());
    CHECK(backup(w.file, w.folder.path("no folder/copy")).has_value());
    CHECK(backup(there, w.folder.path("copy")).has_value());
    struct stat is {};
    CHECK(::stat(w.folder.path("copy").c_str(), &is) != 0);
    CHECK(::stat(w.folder.path("missing").c_str(), &is) != 0);
  }
}

}  // namespace
}  // namespace wixtokend::store
