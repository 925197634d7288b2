#include "store/faulty_vfs.hpp"
#include "store/store_world.hpp"

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

service::change_batch batch_of(store_world const& w, std::string const& token) {
  service::change_batch batch;
  for (unsigned i = 1; i <= 3; ++i) {
    auto change = change_of(instance_of(key_of(i), token, w.at.now));
    change.grant_changed = true;
    change.grant.refresh_token = secret{token};
    batch.instances.push_back(std::move(change));
  }
  batch.instances.push_back(removal_of(key_of(9)));  // so that the log is emptied, too
  return batch;
}

// All three instances, and the removal, are of one batch.
bool is_whole(store_world const& w, std::string const& token, bool removed) {
  for (unsigned i = 1; i <= 3; ++i) {
    if (w.token(i) != token || w.refresh_token(i) != token) return false;
  }
  return w.loaded.contains(key_of(9)) != removed;
}

void try_fault(disk_fault kind, int skip, int times, int& errors) {
  faulty_vfs disk{"faulty"};
  store_world w;
  w.vfs = disk.name();
  REQUIRE(w.start() == "");
  REQUIRE(w.commit(batch_of(w, "old")).has_value());
  REQUIRE(w.put(9, "to be removed").has_value());

  disk.arm(kind, skip, times);
  auto const done = w.commit(batch_of(w, "new"));
  bool const failed_at_all = disk.failed() > 0;
  disk.disarm();
  CAPTURE(static_cast<int>(kind));
  CAPTURE(skip);
  if (!done.has_value()) {
    ++errors;
    CHECK(failed_at_all);
    CHECK(std::string{done.error().category().name()} == "sqlite");
    CHECK_FALSE(done.error().message().empty());
  }
  REQUIRE(w.put(20, "the next one").has_value());
  SUBCASE("stopped") {}
  SUBCASE("killed") {
    w.kill();
  }
  REQUIRE(w.start() == "");
  CHECK(w.token(20) == "the next one");
  bool const is_new = is_whole(w, "new", true);
  bool const is_old = is_whole(w, "old", false);
  CHECK((done.has_value() ? is_new : (is_new || is_old)));
  w.stop();
}

TEST_SUITE("store.sqlite_store_faults") {
  TEST_CASE("a call that fails once: an error or nothing lost; the next commit works") {
    for (auto const kind : {disk_fault::write_fails, disk_fault::short_write,
                            disk_fault::sync_fails, disk_fault::disk_full, disk_fault::read_only,
                            disk_fault::truncate_fails, disk_fault::read_fails}) {
      int errors = 0;
      for (int skip = 0; skip < 16; ++skip) try_fault(kind, skip, 1, errors);
      CAPTURE(static_cast<int>(kind));
      CHECK((errors > 0 || kind == disk_fault::truncate_fails || kind == disk_fault::read_fails));
    }
  }

  TEST_CASE("a disk that stays broken for a while") {
    for (auto const kind :
         {disk_fault::write_fails, disk_fault::short_write, disk_fault::sync_fails,
          disk_fault::disk_full, disk_fault::read_only, disk_fault::busy}) {
      int errors = 0;
      for (int skip = 0; skip < 4; ++skip) try_fault(kind, skip, 1'000'000, errors);
      CAPTURE(static_cast<int>(kind));
      CHECK(errors > 0);
    }
  }

  TEST_CASE("what the caller is told") {
    faulty_vfs disk{"faulty"};
    store_world w;
    w.vfs = disk.name();
    REQUIRE(w.start() == "");
    auto const text_of = [&](disk_fault kind) {
      disk.arm(kind, 0, 1'000'000);
      auto const done = w.put(1, "token");
      disk.disarm();
      return done.has_value() ? std::string{"no error"} : done.error().message();
    };
    CHECK(text_of(disk_fault::disk_full) == "the disk is full");
    CHECK(text_of(disk_fault::busy) == "the database is locked by another process");
    CHECK(text_of(disk_fault::read_only) == "the database is read-only");
    CHECK(text_of(disk_fault::write_fails) == "disk I/O error while writing");
    CHECK(text_of(disk_fault::sync_fails) == "disk I/O error while flushing to the disk");
    CHECK(w.put(1, "token").has_value());
  }

  TEST_CASE("the limit of generations is not raised by a commit that failed") {
    faulty_vfs disk{"faulty"};
    store_world w;
    w.vfs = disk.name();
    REQUIRE(w.start() == "");
    auto const before = w.open.store->floor_max();
    w.pass(2h);
    disk.arm(disk_fault::disk_full, 0, 1'000'000);
    CHECK_FALSE(w.put(1, "token").has_value());
    CHECK(w.open.store->floor_max() == before);
    disk.disarm();
    CHECK(w.put(1, "token").has_value());
    CHECK(w.open.store->floor_max() > before);
    w.stop();
  }

  TEST_CASE("opening on a broken disk is an error that leaves the file alone") {
    faulty_vfs disk{"faulty"};
    store_world w;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(1, "token").has_value());
    w.stop();
    auto const before = bytes_of(w.file);
    w.vfs = disk.name();
    int errors = 0;
    for (auto const kind : {disk_fault::write_fails, disk_fault::sync_fails, disk_fault::disk_full,
                            disk_fault::read_only, disk_fault::busy, disk_fault::read_fails}) {
      for (int skip = 0; skip < 6; ++skip) {
        disk.arm(kind, skip, 1'000'000);
        auto const text = w.start();
        if (text.empty()) w.stop();
        disk.disarm();
        if (text.empty()) continue;
        ++errors;
        CHECK(text.find(w.file) == 0);
        CHECK(text.find("; ") != std::string::npos);
      }
    }
    CHECK(errors > 15);
    CHECK(bytes_of(w.file).size() >= before.size());
    REQUIRE(w.start() == "");
    CHECK(w.token(1) == "token");
    w.stop();
  }

  TEST_CASE("creating on a broken disk leaves nothing behind") {
    faulty_vfs disk{"faulty"};
    store_world w;
    w.vfs = disk.name();
    for (int skip = 0; skip < 12; ++skip) {
      disk.arm(disk_fault::disk_full, skip, 1'000'000);
      auto const text = w.start();
      disk.disarm();
      if (text.empty() || !bytes_of(w.file).empty()) break;
      CHECK(text.find("the disk is full") != std::string::npos);
      CHECK(bytes_of(w.file + ".new").empty());
    }
    REQUIRE(w.start() == "");
    w.stop();
  }
}

}  // namespace
}  // namespace wixtokend::store
