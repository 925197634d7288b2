#pragma once
// The durable state in one SQLite file: opening with full verification, writing, backup, report.

#include "async/task.hpp"
#include "base/secret.hpp"
#include "core/saved_state.hpp"
#include "service/state_store.hpp"
#include "store/file_checks.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace wixtokend::store {

/// How far ahead of the calendar generations are reserved, in milliseconds, as they are themselves.
/// What is given out stays that close to the calendar: a copy of the store that is put back after
/// this time cannot make any of it be given out again.
inline constexpr core::generation_number floor_lead = 10'000;
/// How many generations beyond the highest that is known are reserved, half of them for what is
/// given out before the next commit.
inline constexpr core::generation_number floor_step = 1'000;

/// What a store is opened with. Everything after `removed_retention` is for tests.
struct open_settings {
  std::string file;               ///< created if it is not there; its folder must be
  secret keys;                    ///< the text of the key file: see `key_ring.hpp`
  std::vector<instance_id> apps;  ///< the GUIDs of the configured apps, by `app_number`
  time_stamp at;                  ///< now
  std::chrono::hours removed_retention{24 * 7};  ///< how long `retained` tokens are kept

  std::string boot_id;             ///< empty: the kernel's
  file_system_probe file_system;   ///< empty: statfs(2)
  std::string vfs;                 ///< empty: SQLite's own
  std::uint64_t sealings_max = 0;  ///< by one data key; 0: the real limit
};

/// Why a store was not opened: names the file, what is wrong, and the way out. A store that was
/// there is byte for byte what it was.
struct open_error {
  std::string text;
};

class sqlite_store;

/// A store that is open, with all that is not given to the visitor.
struct opened {
  std::unique_ptr<sqlite_store> store;
  std::vector<core::saved_app> apps;
  std::uint64_t foreign_rows = 0;  ///< of apps that are not configured: they stay as they are
  bool created = false;            ///< there was no store before
};

/// Is called with each instance of the configured apps; instants are of the running process. If
/// opening fails in the end, what it was given is void.
using instance_visitor = std::function<void(service::loaded_instance&&)>;

/// How far the sealing of old rows with the first key has come.
struct resealing_progress {
  bool running = false;
  std::uint64_t resealed = 0;  ///< rows, since the start
};

/// `state_store` in one SQLite file (WAL, synchronous=FULL), every row sealed. Writes are done, in
/// order, on a thread of its own. Belongs to the loop's thread, and must be destroyed before the
/// loop. The destructor finishes what was begun and leaves the file without a log beside it.
class sqlite_store final : public service::state_store {
 public:
  /// Verifies all of a store and gives it out, then begins to write. Blocks: seconds per million
  /// instances. Rights, owner, file system, other users, structure, schema, keys and the seal of
  /// each row are verified before the first byte is written.
  [[nodiscard]] static std::variant<opened, open_error> open(executor where, open_settings settings,
                                                             instance_visitor const& visit);

  sqlite_store(sqlite_store const&) = delete;
  sqlite_store& operator=(sqlite_store const&) = delete;
  ~sqlite_store() override;

  task<result<>> commit(service::change_batch batch) override;
  task<result<std::optional<secret>>> retained(instance_key key) override;
  [[nodiscard]] service::code_digest digest(secret const& code) const override;
  [[nodiscard]] bool persistent() const noexcept override;
  [[nodiscard]] core::generation_number floor_max() const noexcept override;

  /// No generation up to here was ever given out before this start: the start floor of spec's
  /// generation rule. It was committed (with the lead) before `open` returned.
  [[nodiscard]] core::generation_number start_floor() const noexcept;

  [[nodiscard]] resealing_progress resealing() const noexcept;

 private:
  struct parts;
  explicit sqlite_store(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

}  // namespace wixtokend::store
