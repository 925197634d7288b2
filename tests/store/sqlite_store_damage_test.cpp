#include "store/store_world.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <random>
#include <sstream>

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

// All that was loaded, as a text to compare.
std::string state_of(store_world const& w) {
  std::ostringstream all;
  for (auto const& [key, one] : w.loaded) {
    all << key.instance.to_string() << ' ' << one.instance.registered << ' '
        << one.instance.generation << ' ' << one.instance.token.token.reveal() << ' '
        << one.instance.token.expires_at.time_since_epoch().count() << ' '
        << one.grant.refresh_token.reveal() << '\n';
  }
  all << w.open.apps.size() << ' ' << w.open.foreign_rows << ' ' << w.open.store->start_floor();
  return all.str();
}

// A store that was closed, with every kind of row.
std::string fill(store_world& w) {
  REQUIRE(w.start() == "");
  for (unsigned i = 0; i < 40; ++i) REQUIRE(w.put(i, "token of " + std::to_string(i)).has_value());
  for (unsigned i = 0; i < 5; ++i)
    REQUIRE(w.put_grant(i, "refresh " + std::to_string(i)).has_value());
  for (unsigned i = 30; i < 35; ++i) REQUIRE(w.commit(removal_of(key_of(i))).has_value());
  REQUIRE(w.commit(removal_of(key_of(4), true)).has_value());
  service::change_batch batch;
  batch.apps.emplace_back();
  REQUIRE(w.commit(std::move(batch)).has_value());
  batch = {};
  batch.instances.push_back(change_of(instance_of(key_of(99), std::string(9000, 'w'), w.at.now)));
  REQUIRE(w.commit(std::move(batch)).has_value());
  w.stop();
  return bytes_of(w.file);
}

void run_sql(std::string const& file, char const* sql) {
  sqlite3* opened = nullptr;
  REQUIRE(::sqlite3_open(file.c_str(), &opened) == SQLITE_OK);
  REQUIRE(::sqlite3_exec(opened, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  ::sqlite3_close(opened);
}

// Opening fails with a text that names the file and contains `part`; the file stays as it is.
void expect_refusal(store_world& w, std::string const& part) {
  auto const before = bytes_of(w.file);
  auto const text = w.start();
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  CHECK(text.find(w.file) != std::string::npos);
  CHECK(text.find("; ") != std::string::npos);  // the way out
  CHECK(bytes_of(w.file) == before);
}

TEST_SUITE("store.sqlite_store_damage") {
  TEST_CASE("one flipped bit anywhere: an error that leaves the file alone, or no difference") {
    store_world w;
    auto const sound = fill(w);
    REQUIRE(w.start() == "");
    auto const state = state_of(w);
    w.stop();
    std::mt19937 random{20260704};
    int errors = 0;
    for (int round = 0; round < 400; ++round) {
      auto bytes = sound;
      auto const at = round < 100 ? static_cast<std::size_t>(round) : random() % bytes.size();
      auto const bit = random() % 8;
      bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
      write_bytes(w.file, bytes);
      CAPTURE(at);
      CAPTURE(bit);
      auto const text = w.start();
      if (text.empty()) {
        CHECK(state_of(w) == state);
        CHECK(w.put(77, "still writable").has_value());
        w.stop();
        REQUIRE(w.start() == "");
        CHECK(w.token(77) == "still writable");
        w.stop();
      } else {
        ++errors;
        CHECK(text.find(w.file) == 0);
        CHECK(bytes_of(w.file) == bytes);
      }
      for (auto const* const ending : {"-wal", "-shm", "-journal"}) {
        ::unlink((w.file + ending).c_str());
      }
    }
    CHECK(errors > 40);
  }

  TEST_CASE("a file that was cut off anywhere is refused") {
    store_world w;
    auto const sound = fill(w);
    for (std::size_t size = 0; size < sound.size(); size += size < 4096 ? 97 : 1531) {
      write_bytes(w.file, sound.substr(0, size));
      CAPTURE(size);
      auto const text = w.start();
      CHECK(text.find(w.file) == 0);
      CHECK(bytes_of(w.file).size() == size);
    }
  }

  TEST_CASE("pages that swapped places or came from an older copy are noticed") {
    store_world w;
    auto const sound = fill(w);
    for (std::size_t page = 1; page + 1 < sound.size() / 4096; ++page) {
      auto bytes = sound;
      bytes.replace(page * 4096, 4096, sound.substr((page + 1) * 4096, 4096));
      write_bytes(w.file, bytes);
      CAPTURE(page);
      CHECK(w.start() != "");
      CHECK(bytes_of(w.file) == bytes);
    }
  }

  TEST_CASE("rows that were changed by hand are noticed") {
    for (auto const* const sql :
         {"UPDATE instances SET app = x'00' WHERE id = 1",
          "UPDATE instances SET sealed = (SELECT sealed FROM instances WHERE id = 2) WHERE id = 3",
          "UPDATE retained SET removed_at = removed_at + 1", "DELETE FROM meta", "DELETE FROM keys",
          "UPDATE grants SET instance = x'00112233445566778899aabbccddeeff' WHERE id = 1",
          "UPDATE runs SET number = number + 1", "ALTER TABLE apps ADD COLUMN more BLOB",
          "CREATE TABLE another (id INTEGER PRIMARY KEY)", "DELETE FROM instances WHERE id = 2"}) {
      store_world w;
      fill(w);
      run_sql(w.file, sql);
      CAPTURE(sql);
      expect_refusal(w, "is damaged");
    }
  }

  TEST_CASE("a key that is not there: names it, and what to do") {
    store_world w;
    fill(w);
    w.keys = key_two;
    expect_refusal(w, "add the line of that key");
    w.keys = "nonsense";
    CHECK(w.start().find("line 1 is not a key") != std::string::npos);
    w.keys = key_one;
    CHECK(w.start() == "");
  }

  TEST_CASE("a newer schema, another program's database, a text file") {
    store_world w;
    fill(w);
    run_sql(w.file, "PRAGMA user_version = 99");
    expect_refusal(w, "was written by a newer wixtokend (schema 99");
    run_sql(w.file, "PRAGMA user_version = 1");
    CHECK(w.start() == "");
    w.stop();
    run_sql(w.file, "PRAGMA application_id = 1");
    expect_refusal(w, "not a store of wixtokend");
    write_bytes(w.file, std::string(5000, 'x'));
    expect_refusal(w, "is not a store");
  }

  TEST_CASE("two daemons on one store") {
    store_world w;
    fill(w);
    REQUIRE(w.start() == "");
    store_world other;
    other.file = w.file;
    CHECK(other.start().find("another process uses the store") != std::string::npos);
    CHECK(w.put(1, "undisturbed").has_value());
    w.stop();
    CHECK(other.start() == "");
  }

  TEST_CASE("damage in the log that would silently undo acknowledged commits is refused") {
    store_world w;
    REQUIRE(w.start() == "");
    for (unsigned i = 0; i < 6; ++i) REQUIRE(w.put(i, "token").has_value());
    w.kill();
    auto const log = bytes_of(w.file + "-wal");
    auto const file = bytes_of(w.file);
    REQUIRE(log.size() > 10 * 4120);
    auto changed = log;
    changed[5 * 4120] = static_cast<char>(changed[5 * 4120] ^ 4);
    write_bytes(w.file + "-wal", changed);
    auto const text = w.start();
    CHECK(text.find("store.db-wal is damaged") != std::string::npos);
    CHECK(bytes_of(w.file) == file);
    CHECK(bytes_of(w.file + "-wal") == changed);
    write_bytes(w.file + "-wal", log);
    REQUIRE(w.start() == "");
    CHECK(w.loaded.size() == 6);
  }

  TEST_CASE("a log without its store is what is left of one") {
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(1, "token").has_value());
    w.kill();
    ::unlink(w.file.c_str());
    CHECK(w.start().find("-wal is there without") != std::string::npos);
  }
}

}  // namespace
}  // namespace wixtokend::store
