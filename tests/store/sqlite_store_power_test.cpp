#include "store/power_vfs.hpp"
#include "store/store_world.hpp"

#include <atomic>
#include <random>

namespace wixtokend::store {
namespace {

using namespace wixtokend::test;

using expected_state = std::map<unsigned, std::string>;  // refresh tokens by instance

// What is loaded, as far as the test writes it; a row that is half there is marked.
expected_state state_of(store_world const& w) {
  expected_state found;
  for (unsigned i = 0; i < 12; ++i) {
    if (!w.loaded.contains(key_of(i))) continue;
    found[i] = w.refresh_token(i) == w.token(i) ? w.token(i) : "half";
  }
  return found;
}

// One random batch, and what it makes of the state.
service::change_batch random_batch(std::mt19937& random, store_world const& w, int number,
                                   expected_state& state) {
  service::change_batch batch;
  auto const count = 1 + random() % 4;
  for (unsigned n = 0; n < count; ++n) {
    auto const which = static_cast<unsigned>(random() % 12);
    if (random() % 5 == 0) {
      batch.instances.push_back(removal_of(key_of(which)));
      state.erase(which);
      continue;
    }
    auto const token = std::to_string(number) + std::string(random() % 6000, 'x');
    auto change = change_of(instance_of(key_of(which), token, w.at.now));
    change.grant_changed = true;
    change.grant.refresh_token = secret{token};
    batch.instances.push_back(std::move(change));
    state[which] = token;
  }
  return batch;
}

void lose_power_once(unsigned seed) {
  CAPTURE(seed);
  std::mt19937 random{seed};
  power_vfs disk{"power"};
  store_world w;
  REQUIRE(w.start() == "");  // it is there before anything is lost
  w.stop();
  w.vfs = disk.name();
  REQUIRE(w.start() == "");

  std::vector<expected_state> states(1);
  std::atomic<std::size_t> acknowledged{0};
  std::atomic<core::generation_number> floor{w.open.store->floor_max()};
  power_vfs::image image;
  std::size_t acknowledged_then = 0;
  core::generation_number floor_then = 0;
  disk.lose_power_at(static_cast<int>(random() % 300), seed, [&](power_vfs::image left) {
    image = std::move(left);
    acknowledged_then = acknowledged;
    floor_then = floor;
  });
  for (int number = 0; number < 25; ++number) {
    w.pass(10min);
    auto next = states.back();
    auto batch = random_batch(random, w, number, next);
    states.push_back(std::move(next));
    REQUIRE(w.commit(std::move(batch)).has_value());
    floor = w.open.store->floor_max();
    acknowledged = states.size() - 1;
  }
  disk.lose_power_now();
  w.stop();

  store_world after;
  after.at = w.at;
  for (auto const& [name, bytes] : image) {
    if (name.ends_with("-wal")) write_bytes(after.file + "-wal", bytes);
    if (name == w.file) after.folder.write("store.db", bytes);
  }
  REQUIRE(after.start() == "");
  auto const found = state_of(after);
  bool const is_next =
      acknowledged_then + 1 < states.size() && found == states[acknowledged_then + 1];
  CHECK((found == states[acknowledged_then] || is_next));
  CHECK(after.open.store->start_floor() > floor_then);
}

TEST_SUITE("store.sqlite_store_power") {
  TEST_CASE("what was acknowledged survives the loss of power at any moment") {
    for (unsigned seed = 1; seed <= 60; ++seed) lose_power_once(seed);
  }
}

}  // namespace
}  // namespace wixtokend::store
