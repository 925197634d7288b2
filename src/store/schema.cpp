#include "store/schema.hpp"

#include <cassert>

namespace wixtokend::store {
namespace {

// meta       one row: how far generations are reserved.
// keys       the keys that rows are sealed with; the seal is by the key itself.
// runs       each process that wrote: its boot, and its clocks at its last commit.
// apps       how the upstream treated an app; `app` is its GUID.
// instances  what is known of an instance, with its access token.
// grants     its refresh token and its authorization codes.
// retained   the refresh token of a removed one, until its time is over (`removed_at`: Unix ms).
constexpr std::array version_1{
    "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE keys (id INTEGER PRIMARY KEY, key_id BLOB NOT NULL UNIQUE,"
    " sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE,"
    " sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE apps (id INTEGER PRIMARY KEY, app BLOB NOT NULL UNIQUE,"
    " sealed BLOB NOT NULL) STRICT",
    "CREATE TABLE instances (id INTEGER PRIMARY KEY, app BLOB NOT NULL, instance BLOB NOT NULL,"
    " sealed BLOB NOT NULL, UNIQUE (app, instance)) STRICT",
    "CREATE TABLE grants (id INTEGER PRIMARY KEY, app BLOB NOT NULL, instance BLOB NOT NULL,"
    " sealed BLOB NOT NULL, UNIQUE (app, instance)) STRICT",
    "CREATE TABLE retained (id INTEGER PRIMARY KEY, app BLOB NOT NULL, instance BLOB NOT NULL,"
    " removed_at INTEGER NOT NULL, sealed BLOB NOT NULL, UNIQUE (app, instance)) STRICT"};

error_code create_version_1(database& in) {
  for (auto const* const sql : version_1) {
    if (auto const failed = in.run(sql)) return failed;
  }
  return in.run("PRAGMA application_id = " + std::to_string(application_id));
}

// Step N brings a database of version N to version N + 1.
using step = error_code (*)(database&);
constexpr std::array<step, schema_version> steps{create_version_1};

}  // namespace

error_code migrate(database& in, std::int64_t from, std::int64_t to) {
  assert(0 <= from && to <= schema_version);
  for (auto version = from; version < to; ++version) {
    if (auto const failed = steps.at(static_cast<std::size_t>(version))(in)) return failed;
  }
  return in.run("PRAGMA user_version = " + std::to_string(to));
}

result<std::vector<std::string>> schema_of(database& in) {
  auto entries = in.prepare(
      "SELECT type || ' ' || name || ' of ' || tbl_name || ': ' || coalesce(sql, 'by itself')"
      " FROM sqlite_schema ORDER BY type, name");
  if (!entries.has_value()) return entries.error();
  std::vector<std::string> lines;
  for (;;) {
    auto const row = entries->step();
    if (!row.has_value()) return row.error();
    if (!*row) return lines;
    lines.emplace_back(entries->text(0));
  }
}

result<std::vector<std::string>> expected_schema(std::int64_t version) {
  auto model = database::open(":memory:", database::access::create);
  if (!model.has_value()) return model.error();
  if (auto const failed = migrate(*model, 0, version)) return failed;
  return schema_of(*model);
}

}  // namespace wixtokend::store
