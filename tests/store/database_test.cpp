#include "store/database.hpp"

#include "store/store_error.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

namespace wixtokend::store {
namespace {

database fresh(std::string const& file) {
  auto made = database::open(file, database::access::create);
  REQUIRE(made.has_value());
  REQUIRE_FALSE(made->run("CREATE TABLE t (n INTEGER UNIQUE, b BLOB)"));
  return std::move(*made);
}

TEST_SUITE("store.database") {
  TEST_CASE("values go in and come out as they are") {
    auto db = fresh(":memory:");
    auto put = db.prepare("INSERT INTO t VALUES (?, ?)");
    REQUIRE(put.has_value());
    auto const bytes = std::string{"a\0b", 3};
    REQUIRE_FALSE(put->bind(INT64_MIN).bind(bytes).run());
    REQUIRE_FALSE(put->bind(7).bind(std::string_view{}).run());
    auto all = db.prepare("SELECT n, b FROM t ORDER BY n");
    REQUIRE(all.has_value());
    REQUIRE(all->step().value());
    CHECK(all->number(0) == INT64_MIN);
    CHECK(all->blob(1) == bytes);
    REQUIRE(all->step().value());
    CHECK(all->is_number(0));
    CHECK(all->is_blob(1));
    CHECK(all->blob(1).empty());
    CHECK_FALSE(all->step().value());
  }

  TEST_CASE("a transaction that is not committed did not happen") {
    auto db = fresh(":memory:");
    {
      auto open = transaction::begin(db);
      REQUIRE(open.has_value());
      REQUIRE_FALSE(db.run("INSERT INTO t VALUES (1, x'00')"));
    }
    CHECK(db.idle());
    CHECK(db.number("SELECT count(*) FROM t").value() == 0);
    auto open = transaction::begin(db);
    REQUIRE(open.has_value());
    REQUIRE_FALSE(db.run("INSERT INTO t VALUES (1, x'00')"));
    REQUIRE_FALSE(open->commit());
    CHECK(db.number("SELECT count(*) FROM t").value() == 1);
  }

  TEST_CASE("errors are codes with a clear text, and a statement works after one") {
    auto db = fresh(":memory:");
    auto put = db.prepare("INSERT INTO t VALUES (?, x'00')");
    REQUIRE(put.has_value());
    REQUIRE_FALSE(put->bind(1).run());
    auto const failed = put->bind(1).run();
    CHECK(failed.value() == SQLITE_CONSTRAINT_UNIQUE);
    CHECK(failed.message() == "a row contradicts the schema of the database");
    CHECK_FALSE(put->bind(2).run());
    CHECK(db.prepare("nonsense").error().value() == SQLITE_ERROR);
    CHECK(put->bind(3).bind(4).run().value() == SQLITE_RANGE);
  }

  TEST_CASE("who only looks changes nothing, and creates nothing") {
    test::temporary_folder const folder;
    auto const file = folder.path("db");
    CHECK(database::open(file, database::access::look).error().value() == SQLITE_CANTOPEN);
    CHECK(database::open(file, database::access::write).error().value() == SQLITE_CANTOPEN);
    static_cast<void>(fresh(file));
    auto db = database::open(file, database::access::look);
    REQUIRE(db.has_value());
    CHECK(db->run("DELETE FROM t").value() == SQLITE_READONLY);
    CHECK(db->number("SELECT count(*) FROM t").value() == 0);
  }

  TEST_CASE("each kind of error has its text") {
    auto const text = [](int code) { return sqlite_error(code).message(); };
    CHECK(text(SQLITE_FULL) == "the disk is full");
    CHECK(text(SQLITE_BUSY_SNAPSHOT) == "the database is locked by another process");
    CHECK(text(SQLITE_NOTADB) == "the file is not a database");
    CHECK(text(SQLITE_READONLY_ROLLBACK) == "the database is read-only");
    CHECK(text(SQLITE_IOERR_FSYNC) == "disk I/O error while flushing to the disk");
    CHECK(text(SQLITE_IOERR_ACCESS) == "disk I/O error");
    CHECK(text(SQLITE_CORRUPT_INDEX) == "the database is damaged");
    CHECK(text(SQLITE_MISMATCH) == "SQLite says: datatype mismatch");
    CHECK_FALSE(sqlite_error(SQLITE_ROW));
    CHECK_FALSE(sqlite_error(SQLITE_OK));
  }
}

}  // namespace
}  // namespace wixtokend::store
