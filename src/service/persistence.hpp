#pragma once
// Brings what has changed to the store: behind for what may wait, at once for what somebody awaits.

#include "async/event.hpp"
#include "async/task_group.hpp"
#include "async/time_source.hpp"
#include "core/engine.hpp"
#include "observe/histogram.hpp"
#include "observe/log.hpp"
#include "service/grant_book.hpp"
#include "service/state_store.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace wixtokend::service {

/// What stays of an instance that is removed, for the store's retention.
enum class retention : std::uint8_t { nothing, refresh_token };

/// The one writer. Every change is made in memory first and noted; this takes the notes together,
/// at most `write_behind` later, and sooner when somebody waits for `settled`. What cannot be
/// written is tried again, for ever. Without a store it does nothing, and says so.
///
/// Belongs to the loop's thread.
class persistence {
 public:
  /// How long a change may wait for others to be written with.
  static constexpr duration write_behind = std::chrono::seconds{1};
  /// Instances in one batch.
  static constexpr std::size_t batch_max = 2'000;

  persistence(event_loop& loop, time_source& time, core::engine& engine, grant_book& grants,
              observe::logger& log);
  ~persistence();

  /// Gives it the store that what is known already came from; at most once, before `start`. What
  /// has been loaded until then is not noted as a change.
  void attach(state_store& store);

  void start();
  /// Writes what is left, for `limit` at most, and ends.
  task<> stop(duration limit);

  /// Something may have changed. To be called after each event.
  void look();

  /// Waits until everything that has changed so far is on the disk.
  /// @returns why it is not: the change holds in memory, and will be written when that can be.
  ///          Without a store: nothing to wait for.
  task<result<>> settled();

  /// The instance is being removed: whatever is stored of it goes, also if it is there again when
  /// that is written.
  void removed(instance_key const& key, retention kept);

  /// Calls `saved` with each instance whose grant is on the disk from now on.
  void when_grant_saved(std::function<void(instance_key const&)> saved) {
    grant_saved_ = std::move(saved);
  }

  [[nodiscard]] core::engine& engine() const noexcept { return engine_; }
  [[nodiscard]] grant_book& grants() const noexcept { return grants_; }
  [[nodiscard]] state_store* store() const noexcept { return store_; }
  /// True if what is acknowledged outlives the machine's restart.
  [[nodiscard]] bool durable() const noexcept { return store_ != nullptr && store_->persistent(); }
  /// Why the last write failed; no error if it did not.
  [[nodiscard]] error_code failure() const noexcept { return failing_; }

  /// What the writes so far came to.
  struct write_figures {
    observe::histogram durations{observe::latency_bounds};  ///< of all, in seconds
    std::uint64_t failures = 0;
  };
  [[nodiscard]] write_figures const& figures() const noexcept { return figures_; }
  /// Changes that are not on the disk yet, about.
  [[nodiscard]] std::uint64_t pending() const noexcept {
    return engine_.changes_noted() - position_;
  }

  /// The floor of the generations of what is created now.
  [[nodiscard]] core::generation_number floor_now() const noexcept;

 private:
  struct awaiting;
  // What a batch was made of, in case it cannot be written.
  struct taken {
    std::vector<instance_key> keys;
    std::vector<instance_key> with_grant;
    std::vector<std::pair<instance_key, retention>> removed;
  };

  task<> run();
  task<> wait_for_work();
  task<> write();
  task<result<bool>> flushed();
  [[nodiscard]] change_batch take_batch();
  void written(taken const& batch);
  void not_written(taken const& batch, error_code why);
  void tell(std::uint64_t position, error_code outcome);
  [[nodiscard]] bool idle() const noexcept {
    return engine_.changes_noted() == engine_.changes_taken();
  }

  time_source& time_;
  executor executor_;
  core::engine& engine_;
  grant_book& grants_;
  state_store* store_ = nullptr;
  observe::logger& log_;
  std::function<void(instance_key const&)> grant_saved_;
  std::unordered_map<instance_key, retention> removed_;  ///< since the last batch
  std::list<awaiting*> awaited_;
  event work_;
  std::uint64_t position_ = 0;  ///< changes up to here are on the disk
  instant not_before_ = instant::min();
  duration pause_{};
  error_code failing_;
  write_figures figures_;
  bool writing_ = false;
  bool last_ = false;  ///< stopping: no more waiting for company
  event ended_;
  task_group tasks_;
};

}  // namespace wixtokend::service
