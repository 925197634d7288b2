#include "store/schema.hpp"

#include "store/soundness.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

namespace wixtokend::store {
namespace {

database fresh(std::string const& file) {
  auto made = database::open(file, database::access::create);
  REQUIRE(made.has_value());
  return std::move(*made);
}

TEST_SUITE("store.schema") {
  TEST_CASE("every older version comes forward to what a new store has") {
    auto const newest = expected_schema(schema_version);
    REQUIRE(newest.has_value());
    for (std::int64_t version = 0; version <= schema_version; ++version) {
      auto db = fresh(":memory:");
      REQUIRE_FALSE(migrate(db, 0, version));
      CHECK(db.number("PRAGMA user_version").value() == version);
      CHECK(schema_of(db).value() == expected_schema(version).value());
      REQUIRE_FALSE(migrate(db, version));
      CHECK(schema_of(db).value() == *newest);
      CHECK(db.number("PRAGMA user_version").value() == schema_version);
    }
  }

  TEST_CASE("every table has the shape that seals rely on") {
    auto db = fresh(":memory:");
    REQUIRE_FALSE(migrate(db, 0));
    CHECK(db.number("SELECT count(*) FROM sqlite_schema WHERE type = 'table'").value() ==
          static_cast<std::int64_t>(sealed_tables.size()));
    for (auto const table : sealed_tables) {
      auto const all = db.prepare("SELECT * FROM " + std::string{table});
      REQUIRE(all.has_value());
      auto const named = "SELECT count(*) FROM pragma_table_info('" + std::string{table} + "')";
      CHECK(db.number(named + " WHERE name = 'id' AND cid = 0").value() == 1);
      CHECK(db.number(named +
                      " WHERE name = 'sealed' AND cid = " + std::to_string(all->columns() - 1))
                .value() == 1);
    }
  }

  TEST_CASE("a sound store passes; other tables, versions and programs do not") {
    test::temporary_folder const folder;
    auto db = fresh(folder.path("store.db"));
    REQUIRE_FALSE(migrate(db, 0));
    std::int64_t version = 0;
    CHECK_FALSE(verify_structure(db, version).has_value());
    CHECK(version == schema_version);

    REQUIRE_FALSE(db.run("CREATE INDEX more ON apps (sealed)"));
    CHECK(verify_structure(db, version)->what.find("its tables are not") != std::string::npos);
    REQUIRE_FALSE(db.run("DROP INDEX more"));
    REQUIRE_FALSE(db.run("PRAGMA user_version = 2"));
    CHECK(verify_structure(db, version)->what.find("a newer wixtokend") != std::string::npos);
    REQUIRE_FALSE(db.run("PRAGMA user_version = 0"));
    CHECK(verify_structure(db, version)->what.find("no schema version") != std::string::npos);
    REQUIRE_FALSE(db.run("PRAGMA application_id = 0"));
    CHECK(verify_structure(db, version)->what.find("not a store") != std::string::npos);
  }
}

}  // namespace
}  // namespace wixtokend::store
