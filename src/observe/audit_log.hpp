#pragma once
// The audit log: each hand-out of a token as a line of a file, written by a thread of its own.

#include "observe/audit_file.hpp"
#include "observe/audit_record.hpp"
#include "observe/audit_ring.hpp"
#include "observe/log.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace wixtokend::observe {

/// What happens to a hand-out that there is no room for in the ring.
enum class audit_overflow : std::uint8_t {
  drop,    ///< it goes unrecorded, and is counted
  refuse,  ///< the token is not handed out
};

struct audit_settings {
  std::string file;
  audit_overflow overflow = audit_overflow::drop;
  std::size_t ring_size = 16'384;                ///< records that wait to be written
  std::chrono::milliseconds gather_time{10};     ///< so that many are written at once
  std::chrono::milliseconds retry_pause{1'000};  ///< after the file could not be written
};

/// Records are kept in a ring of fixed size; the thread renders and writes them. A file that cannot
/// be written is tried again and again, and the ring takes what comes meanwhile; then `overflow`
/// decides. Missing records are told in the file itself, in the log, and by `state`.
///
/// `record` and `state` are for the loop's thread; the first takes no memory and does no I/O.
class audit_log final : public audit_trail {
 public:
  /// Opens the file and starts the thread. Throws `boost::system::system_error` if the file cannot
  /// be opened. The log must outlive this object.
  audit_log(audit_settings settings, audit_names names, logger& log);
  audit_log(audit_log const&) = delete;
  audit_log& operator=(audit_log const&) = delete;
  /// Writes what is still to be written; what cannot be written now is lost, and logged.
  ~audit_log() override;

  [[nodiscard]] bool record(audit_record const& what) noexcept override;
  [[nodiscard]] audit_state state() const noexcept override;

  /// Opens the file anew, soon: it may have been renamed. If that fails the one before is gone on
  /// with, and the log says so.
  void reopen() noexcept;

 private:
  void work();
  bool gather(std::unique_lock<std::mutex>& lock);
  [[nodiscard]] std::size_t gathered() const noexcept;
  void write_out(std::unique_lock<std::mutex>& lock);
  void log_outcome(error_code outcome);
  void open_anew();
  void log_lost(std::uint64_t records, std::string const& reason);
  void give_up();

  audit_settings const settings_;
  audit_names const names_;
  logger& log_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  audit_ring ring_;
  audit_state state_;
  audit_gap gap_;  ///< that nothing has told yet
  bool reopening_ = false;
  bool stopping_ = false;

  // Of the thread alone.
  audit_file file_;
  std::vector<audit_record> batch_;
  audit_lines lines_;  ///< of the batch
  unsigned batches_untold_ = 0;

  std::thread thread_;
};

}  // namespace wixtokend::observe
