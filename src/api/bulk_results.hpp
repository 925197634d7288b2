#pragma once
// What came of each line of a bulk registration, in one byte a line.

#include "api/errors.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wixtokend::api {

/// Remembers the outcome of every line, and the reasons of the first failures. Lines count from 1,
/// blank ones among them. What was registered counts only once it is settled: on disk.
class bulk_results {
 public:
  static constexpr std::size_t failures_max = 1'000;  ///< that the summary tells in full

  void add_blank() { marks_.push_back(blank); }
  /// A line whose registration holds in memory.
  void add_registered(bool was_known) { marks_.push_back(was_known ? known : added); }
  void add_failure(problem const& why);
  /// The line does not count, nor what follows: there are too many.
  void truncate();

  /// All lines so far are on disk.
  void settle() noexcept;
  /// The lines since the last `settle` are not: those that were registered have failed.
  void settle_failed(problem const& why);

  [[nodiscard]] std::size_t size() const noexcept { return marks_.size(); }
  [[nodiscard]] std::size_t unsettled() const noexcept { return marks_.size() - settled_; }

  /// `{"lines":…,"added":…,"known":…,"failed":…,"truncated":…,"failures":[…]}`. `lines` leaves out
  /// the blank ones; nothing may be unsettled.
  [[nodiscard]] std::string summary_json() const;

  /// Lines from `first` (from 0) on as NDJSON, each with its end, until there are `bytes_min` of
  /// it or no more lines; `first` moves along. Empty: there are no more.
  [[nodiscard]] std::string lines_json(std::size_t& first, std::size_t bytes_min) const;

 private:
  // A line's byte: one of these, or `failed_from` and the number of its fault.
  static constexpr std::uint8_t blank = 0;
  static constexpr std::uint8_t added = 1;
  static constexpr std::uint8_t known = 2;
  static constexpr std::uint8_t failed_from = 3;

  struct failure {
    std::size_t line;
    fault what;
    std::string description;
  };

  void count(std::size_t from, std::size_t to) noexcept;
  void explain(std::size_t line, problem const& why);

  std::vector<std::uint8_t> marks_;
  std::size_t settled_ = 0;
  std::size_t added_ = 0;
  std::size_t known_ = 0;
  std::size_t failed_ = 0;
  bool truncated_ = false;
  std::vector<failure> failures_;
};

}  // namespace wixtokend::api
