#pragma once
// A store in a folder of its own, its clocks in the test's hands.

#include "store/sqlite_store.hpp"
#include "store/vfs_shim.hpp"
#include "support/run_task.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wixtokend::test {

using namespace std::chrono_literals;

inline std::string bytes_of(std::string const& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

inline void write_bytes(std::string const& file, std::string const& bytes) {
  std::ofstream out{file, std::ios::binary | std::ios::trunc};
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::string const key_one = "wixtokend-key-1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
inline std::string const key_two = "wixtokend-key-1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

/// The instance of that number.
inline instance_key key_of(unsigned number, unsigned app = 0) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%08x-0000-4000-8000-00000000abcd", number);
  instance_key key;
  key.app = static_cast<app_number>(app);
  key.instance = instance_id::parse(text.data()).value();
  return key;
}

/// A registered instance with a token that is good for four hours from `now`.
inline core::saved_instance instance_of(instance_key key, std::string const& token, instant now,
                                        core::generation_number generation = 1) {
  core::saved_instance one;
  one.key = key;
  one.registered = true;
  one.generation = generation;
  one.token.token = secret{token};
  one.token.sent = now;
  one.token.expires_at = now + 4h;
  one.refresh_at = now + 3h;
  return one;
}

inline service::instance_change change_of(core::saved_instance one) {
  service::instance_change change;
  change.key = one.key;
  change.instance = std::move(one);
  return change;
}

inline service::instance_change removal_of(instance_key key, bool retain = false) {
  service::instance_change change;
  change.key = key;
  change.removed = true;
  change.retain = retain;
  return change;
}

/// The real disk, without waiting for its flushes. Tests that need others name them.
inline vfs_shim& quick_disk() {
  static vfs_shim disk{"quick"};
  return disk;
}

/// A process with its store, which can be ended and started again.
class store_world {
 public:
  store_world() { at.wall = wall_time{1'800'000'000'000ms}; }

  temporary_folder folder;
  std::string file = folder.path("store.db");
  std::string keys = key_one;
  std::vector<instance_id> apps{key_of(0xa0).instance, key_of(0xa1).instance};
  time_stamp at{instant{1000s}, 5000s, {}, true};
  std::string boot_id = "boot one";
  std::string vfs = quick_disk().name();
  store::file_system_probe file_system = [](std::string const&) {
    return store::file_system::persistent;
  };
  std::uint64_t sealings_max = 0;

  event_loop loop;
  store::opened open;
  std::map<instance_key, service::loaded_instance> loaded;

  /// @returns why it did not open; empty if it did.
  std::string start() {
    stop();
    loaded.clear();
    store::open_settings settings;
    settings.file = file;
    settings.keys = secret{keys};
    settings.apps = apps;
    settings.at = at;
    settings.boot_id = boot_id;
    settings.vfs = vfs;
    settings.file_system = file_system;
    settings.sealings_max = sealings_max;
    auto made = store::sqlite_store::open(loop.get_executor(), std::move(settings),
                                          [&](service::loaded_instance&& one) {
                                            auto const key = one.instance.key;
                                            loaded.emplace(key, std::move(one));
                                          });
    if (auto* const failed = std::get_if<store::open_error>(&made)) return failed->text;
    open = std::move(std::get<store::opened>(made));
    return {};
  }

  void stop() { open = store::opened{}; }

  /// As a process that is killed: the files stay as they are at this moment.
  void kill() {
    std::map<std::string, std::string> files;
    for (auto const* const ending : {"", "-wal", "-shm"}) files[ending] = bytes_of(file + ending);
    stop();
    for (auto const& [ending, bytes] : files) write_bytes(file + ending, bytes);
  }

  /// All clocks go on.
  void pass(std::chrono::milliseconds length) {
    at.now += length;
    at.boot += length;
    at.wall += length;
  }

  result<> commit(service::change_batch batch) {
    batch.at = at;
    return run_task(loop, open.store->commit(std::move(batch)));
  }

  result<> commit(service::instance_change change) {
    service::change_batch batch;
    batch.instances.push_back(std::move(change));
    return commit(std::move(batch));
  }

  result<> put(unsigned number, std::string const& token, core::generation_number generation = 1) {
    return commit(change_of(instance_of(key_of(number), token, at.now, generation)));
  }

  result<> put_grant(unsigned number, std::string const& refresh_token) {
    auto change = change_of(instance_of(key_of(number), "token", at.now));
    change.instance->how = core::grant::refresh_token;
    change.grant_changed = true;
    change.grant.refresh_token = secret{refresh_token};
    return commit(std::move(change));
  }

  std::optional<secret> retained(unsigned number) {
    auto found = run_task(loop, open.store->retained(key_of(number)));
    REQUIRE(found.has_value());
    return std::move(*found);
  }

  std::string token(unsigned number) const {
    auto const found = loaded.find(key_of(number));
    if (found == loaded.end()) return "(none)";
    return std::string{found->second.instance.token.token.reveal()};
  }

  std::string refresh_token(unsigned number) const {
    auto const found = loaded.find(key_of(number));
    if (found == loaded.end()) return "(none)";
    return std::string{found->second.grant.refresh_token.reveal()};
  }
};

}  // namespace wixtokend::test
