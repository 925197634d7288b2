#include "store/resealing.hpp"

#include "store/store_report.hpp"
#include "store/store_world.hpp"

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

// Commits serve as a way to wait for the store's thread: housekeeping goes on between them.
void finish_resealing(store_world& w) {
  for (int i = 0; i < 10'000 && w.open.store->resealing().running; ++i) {
    REQUIRE(w.commit(service::change_batch{}).has_value());
  }
  REQUIRE_FALSE(w.open.store->resealing().running);
}

TEST_SUITE("store.resealing") {
  TEST_CASE("after a rotation everything is sealed anew, and then the old key is not needed") {
    store_world w;
    REQUIRE(w.start() == "");
    service::change_batch batch;
    for (unsigned i = 0; i < 2 * resealing::rows_at_once + 7; ++i) {
      batch.instances.push_back(change_of(instance_of(key_of(i), "token", w.at.now)));
    }
    REQUIRE(w.commit(std::move(batch)).has_value());
    REQUIRE(w.put_grant(1, "refresh").has_value());
    REQUIRE(w.put_grant(2, "kept").has_value());
    REQUIRE(w.commit(removal_of(key_of(2), true)).has_value());
    CHECK_FALSE(w.open.store->resealing().running);

    w.keys = key_two + "\n" + key_one;
    REQUIRE(w.start() == "");
    REQUIRE(w.put(5, "written meanwhile").has_value());
    finish_resealing(w);
    CHECK(w.open.store->resealing().resealed >= 2 * resealing::rows_at_once + 6);

    w.keys = key_two;
    REQUIRE(w.start() == "");
    CHECK(w.loaded.size() == 2 * resealing::rows_at_once + 6);
    CHECK(w.refresh_token(1) == "refresh");
    CHECK(w.token(5) == "written meanwhile");
    CHECK(w.retained(2) == std::optional{secret{"kept"}});
    w.stop();
    CHECK(verify(w.file, secret{key_two}).key_ids.size() == 1);
    w.keys = key_one;
    CHECK(w.start().find("add the line of that key") != std::string::npos);
  }

  TEST_CASE(
      "interrupted by a stop, it goes on at the next start; until then both keys are needed") {
    store_world w;
    REQUIRE(w.start() == "");
    service::change_batch batch;
    for (unsigned i = 0; i < 20 * resealing::rows_at_once; ++i) {
      batch.instances.push_back(change_of(instance_of(key_of(i), "token", w.at.now)));
    }
    REQUIRE(w.commit(std::move(batch)).has_value());
    w.keys = key_two + "\n" + key_one;
    REQUIRE(w.start() == "");
    bool const was_running = w.open.store->resealing().running;
    w.stop();
    if (was_running && verify(w.file, secret{w.keys}).key_ids.size() == 2) {
      w.keys = key_two;
      CHECK(w.start().find("add the line of that key") != std::string::npos);
      w.keys = key_two + "\n" + key_one;
    }
    REQUIRE(w.start() == "");
    finish_resealing(w);
    w.keys = key_two;
    REQUIRE(w.start() == "");
    CHECK(w.loaded.size() == 20 * resealing::rows_at_once);
  }

  TEST_CASE("many data keys in one store") {
    store_world w;
    w.sealings_max = 2;
    REQUIRE(w.start() == "");
    for (unsigned i = 0; i < 20; ++i) REQUIRE(w.put(i, "token").has_value());
    REQUIRE(w.start() == "");
    CHECK(w.loaded.size() == 20);
  }
}

}  // namespace
}  // namespace wixtokend::store
