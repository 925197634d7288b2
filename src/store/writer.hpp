#pragma once
// What is done on the store's thread: commits, and the housekeeping between them.

#include "base/error.hpp"
#include "core/saved_state.hpp"
#include "service/state_store.hpp"
#include "store/database.hpp"
#include "store/loader.hpp"
#include "store/resealing.hpp"
#include "store/rows.hpp"
#include "store/sealing.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::store {

/// What a writer goes by.
struct writer_settings {
  std::string file;
  std::string vfs;
  std::vector<instance_id> apps;
  std::string boot_id;
  std::chrono::hours removed_retention{};
  std::uint64_t sealings_max = sealings_by_data_key;
};

/// Writes to a store that was verified. One thread at a time; `floor_max` and `resealed` from any.
class writer {
 public:
  static constexpr std::int64_t runs_kept = 10'000;

  /// @param keys   Must outlive this object.
  /// @param found  Its digest key is taken out.
  writer(writer_settings settings, key_ring const& keys, database opened, load_result& found);
  ~writer();
  writer(writer const&) = delete;
  writer& operator=(writer const&) = delete;

  /// The first commit: this run, its key, and how far generations are reserved.
  [[nodiscard]] error_code begin(time_stamp const& at);

  /// As `service::state_store`.
  [[nodiscard]] error_code commit(service::change_batch const& batch);
  [[nodiscard]] result<std::optional<secret>> retained(instance_key const& key);

  /// As `service::state_store`. From any thread.
  [[nodiscard]] service::code_digest digest(secret const& code) const;

  /// Does a little housekeeping. @returns whether there is more.
  bool idle();

  [[nodiscard]] core::generation_number start_floor() const noexcept { return start_floor_; }
  [[nodiscard]] core::generation_number floor_max() const noexcept { return floor_max_; }
  [[nodiscard]] bool is_resealing() const noexcept { return !resealed_all_; }
  [[nodiscard]] std::uint64_t resealed() const noexcept { return resealed_; }

 private:
  error_code configure();
  error_code reopen();
  result<transaction> begin_transaction();
  error_code write(service::change_batch const& batch);
  error_code write_common(time_stamp const& at, core::generation_number limit);
  error_code apply(service::instance_change const& change, time_stamp const& at);
  error_code remove(service::instance_change const& change, time_stamp const& at);
  error_code retain(std::string_view app, std::string_view instance, time_stamp const& at);
  error_code write_meta(core::generation_number limit);
  error_code purge(time_stamp const& at);
  [[nodiscard]] core::generation_number limit_for(service::change_batch const& batch) const;
  void publish(core::generation_number limit);
  [[nodiscard]] std::string_view guid_of(app_number app) const;

  writer_settings const settings_;
  key_ring const& keys_;
  sealer sealer_;
  opener opener_;
  database database_;
  std::optional<rows> rows_;  // after the database: its statements go first
  secret const digest_key_;
  resealing resealing_;
  std::int64_t const run_;
  core::generation_number limit_;
  core::generation_number start_floor_ = 0;
  std::optional<wall_time> purged_at_;
  bool removed_ = false;         // by the transaction under way
  bool truncation_due_ = false;  // the log has what must not stay in it
  std::atomic<core::generation_number> floor_max_{0};
  std::atomic<std::uint64_t> resealed_{0};
  std::atomic<bool> resealed_all_{true};
};

}  // namespace wixtokend::store
