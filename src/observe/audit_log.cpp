#include "observe/audit_log.hpp"

#include "async/signals_blocked.hpp"

#include <pthread.h>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace wixtokend::observe {
namespace {

constexpr std::size_t batch_max = 256;
constexpr unsigned batches_untold_max = 64;

}  // namespace

audit_log::audit_log(audit_settings settings, audit_names names, logger& log)
    : settings_{std::move(settings)},
      names_{std::move(names)},
      log_{log},
      ring_{settings_.ring_size},
      file_{settings_.file} {
  state_.refuses = settings_.overflow == audit_overflow::refuse;
  if (auto const failed = file_.open()) throw boost::system::system_error{failed};
  batch_.reserve(batch_max);
  lines_.text.reserve((batch_max + 1) * audit_line_size_max);
  signals_blocked const blocked;
  thread_ = std::thread{[this] { work(); }};
  ::pthread_setname_np(thread_.native_handle(), "audit");  // for top(1) and the like
}

audit_log::~audit_log() {
  {
    std::lock_guard const lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool audit_log::record(audit_record const& what) noexcept {
  std::unique_lock lock{mutex_};
  if (ring_.full()) {
    if (state_.refuses) {
      ++state_.refused;
      return false;
    }
    ++state_.lost;
    if (gap_.lost++ == 0) gap_.from = what.at;
    gap_.until = what.at;
    return true;
  }
  ring_.push(what);
  ++state_.recorded;
  // The thread sleeps while the ring is empty, and then until a batch has gathered.
  bool const wakes = ring_.size() == 1 || ring_.size() == gathered();
  lock.unlock();
  if (wakes) changed_.notify_one();
  return true;
}

// So many records are not waited for any longer.
std::size_t audit_log::gathered() const noexcept {
  return std::min(batch_max, std::max<std::size_t>(settings_.ring_size / 2, 1));
}

audit_state audit_log::state() const noexcept {
  std::lock_guard const lock{mutex_};
  return state_;
}

void audit_log::reopen() noexcept {
  {
    std::lock_guard const lock{mutex_};
    reopening_ = true;
  }
  changed_.notify_one();
}

void audit_log::work() {
  std::unique_lock lock{mutex_};
  while (gather(lock)) {
    if (std::exchange(reopening_, false)) {
      lock.unlock();
      open_anew();
      lock.lock();
    }
    write_out(lock);
  }
  give_up();
}

// Waits until there is something to do. False: the end has come, and all is done that can be.
bool audit_log::gather(std::unique_lock<std::mutex>& lock) {
  if (state_.failure) {
    if (stopping_) return false;
    changed_.wait_for(lock, settings_.retry_pause, [&] { return stopping_ || reopening_; });
    return true;
  }
  changed_.wait(lock, [&] { return stopping_ || reopening_ || !ring_.empty(); });
  if (stopping_) return !ring_.empty() || gap_.lost > 0;
  changed_.wait_for(lock, settings_.gather_time,
                    [&] { return stopping_ || reopening_ || ring_.size() >= gathered(); });
  return true;
}

// Writes one batch, or what is left of the one before. Records that come meanwhile wait.
void audit_log::write_out(std::unique_lock<std::mutex>& lock) {
  audit_gap gap;
  if (lines_.empty()) {
    ring_.take(batch_, batch_max);
    // A gap is told when it is over, or has lasted for a while.
    bool const tells = ring_.empty() || ++batches_untold_ >= batches_untold_max;
    if (tells) {
      batches_untold_ = 0;
      gap = std::exchange(gap_, {});
    }
  }
  lock.unlock();
  for (auto const& one : batch_) append_line(lines_.text, one, names_);
  batch_.clear();
  if (gap.lost > 0) {
    append_line(lines_.text, gap);
    log_lost(gap.lost, "they came faster than they could be written");
  }
  auto const outcome = file_.write(lines_);
  log_outcome(outcome);
  lock.lock();
  state_.failure = outcome;
}

// Nobody but this thread changes what it compares with.
void audit_log::log_outcome(error_code outcome) {
  if (outcome && !state_.failure) {
    log_.error("audit_write_failed",
               {{"file", settings_.file},
                {"reason", outcome.message()},
                {"next", state_.refuses ? "tokens are refused when there is no room in memory"
                                        : "records are lost when there is no room in memory"}});
  } else if (!outcome && state_.failure) {
    log_.info("audit_works_again", {{"file", settings_.file}});
  }
}

// The line that was being written goes into the new file as a whole.
void audit_log::open_anew() {
  auto const failed = file_.open();
  if (failed) {
    log_.error("audit_reopen_failed", {{"file", settings_.file},
                                       {"reason", failed.message()},
                                       {"next", "the file that was open is written on"}});
    return;
  }
  if (lines_.written == 0) return;
  auto const end = lines_.text.rfind('\n', lines_.written - 1);
  lines_.written = end == std::string::npos ? 0 : end + 1;
}

void audit_log::log_lost(std::uint64_t records, std::string const& reason) {
  log_.error("audit_records_lost",
             {{"file", settings_.file}, {"records", std::to_string(records)}, {"reason", reason}});
}

// Nothing is left, or what is left cannot be written.
void audit_log::give_up() {
  auto const from = lines_.text.begin() + static_cast<std::ptrdiff_t>(lines_.written);
  auto const unwritten = std::count(from, lines_.text.end(), '\n');
  auto const lost = gap_.lost + ring_.size() + static_cast<std::uint64_t>(unwritten);
  if (lost > 0) log_lost(lost, "the daemon stops, and the file cannot be written");
}

}  // namespace wixtokend::observe
