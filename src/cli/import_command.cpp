// import: many instances, in batches, each on disk before the next one is sent.
#include "cli/commands.hpp"
#include "cli/import_lines.hpp"
#include "cli/json_text.hpp"
#include "cli/printable.hpp"
#include "cli/progress.hpp"

#include <cerrno>
#include <fstream>
#include <optional>
#include <system_error>
#include <vector>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t batch_lines_max = 1000;  // the daemon tells of as many failures
constexpr std::size_t batch_bytes_max = 4 * 1024 * 1024;
constexpr unsigned attempts_max = 5;

// Lines that are sent as one, and where they stand in the input.
struct batch {
  std::string lines;
  std::vector<std::uint64_t> numbers;
};

class importing {
 public:
  importing(place& at, import_command const& what, std::istream& in)
      : at_{at}, what_{what}, in_{in}, begun_{at.to.wall()} {
    line_.reserve(line_bytes_max + 2);  // no copy of a secret stays behind when it grows
  }
  importing(importing const&) = delete;
  importing& operator=(importing const&) = delete;
  ~importing() {
    wixtoken::wipe(line_);
    wixtoken::wipe(batch_.lines);
  }

  void expect(std::uint64_t bytes) noexcept { progress_.bytes_total = bytes; }
  exit_code run();

 private:
  bool fill();
  void take_line();
  std::optional<exit_code> send();
  void count(wixtoken::bulk_summary const& done);
  void tell_failure(wixtoken::failed_line const& line);
  void show_progress();
  void end_progress();
  void print_sum();

  place& at_;
  import_command const& what_;
  std::istream& in_;
  std::chrono::milliseconds begun_;
  std::string line_;
  std::uint64_t number_ = 0;
  batch batch_;
  import_progress progress_;
  bool shown_ = false;
};

void importing::take_line() {
  progress_.bytes += line_.size() + 1;
  if (line_.size() > line_bytes_max) {
    ++progress_.sum.lines;
    ++progress_.sum.failed;
    tell_failure({number_, "line_too_large", "The line exceeds 64 KiB."});
    return;
  }
  if (append_line(line_, batch_.lines) == line_kind::instance) batch_.numbers.push_back(number_);
}

// Reads the next batch. @returns false if there is none.
bool importing::fill() {
  wixtoken::wipe(batch_.lines);
  batch_.numbers.clear();
  batch_.lines.reserve(batch_bytes_max + 4 * line_bytes_max);  // no copy of a secret stays behind
  while (batch_.numbers.size() < batch_lines_max && batch_.lines.size() < batch_bytes_max) {
    if (!read_line(in_, line_, line_bytes_max)) break;
    ++number_;
    take_line();
  }
  return !batch_.numbers.empty();
}

// Sends the batch; again if that may help: what is done already is known then.
std::optional<exit_code> importing::send() {
  for (unsigned attempt = 1;; ++attempt) {
    auto const done = at_.daemon.add_many(wixtoken::secret{batch_.lines}, what_.replace);
    if (done.has_value()) {
      count(*done);
      return std::nullopt;
    }
    auto const& why = done.error();
    if (!why.retryable || attempt == attempts_max) {
      end_progress();
      return at_.fail(why, "lines " + std::to_string(batch_.numbers.front()) + " to " +
                               std::to_string(batch_.numbers.back()));
    }
    at_.to.pause(std::max<std::chrono::milliseconds>(why.retry_after.value_or(0s), 1s));
  }
}

void importing::count(wixtoken::bulk_summary const& done) {
  auto& sum = progress_.sum;
  sum.lines += done.lines;
  sum.added += done.added;
  sum.known += done.known;
  sum.failed += done.failed;
  for (auto line : done.failures) {
    if (line.line >= 1 && line.line <= batch_.numbers.size()) {
      line.line = batch_.numbers[line.line - 1];
    }
    tell_failure(line);
  }
}

void importing::tell_failure(wixtoken::failed_line const& line) {
  end_progress();
  if (at_.json) {
    at_.to.err << json_object{}
                      .number("line", static_cast<std::int64_t>(line.line))
                      .text("error", line.code)
                      .text("error_description", line.description)
                      .take()
               << '\n';
    return;
  }
  at_.to.err << "line " << line.line << ": " << printable(line.code) << ": "
             << printable(line.description) << '\n';
}

void importing::show_progress() {
  if (!at_.to.err_is_terminal || !at_.to.moves_cursor || at_.json) return;
  progress_.spent = at_.to.wall() - begun_;
  at_.to.err << "\r\x1b[K" << progress_line(progress_, at_.to.columns) << std::flush;
  shown_ = true;
}

void importing::end_progress() {
  if (std::exchange(shown_, false)) at_.to.err << "\r\x1b[K" << std::flush;
}

void importing::print_sum() {
  end_progress();
  auto const& sum = progress_.sum;
  if (at_.json) {
    at_.to.out << json_object{}
                      .number("lines", static_cast<std::int64_t>(sum.lines))
                      .number("added", static_cast<std::int64_t>(sum.added))
                      .number("known", static_cast<std::int64_t>(sum.known))
                      .number("failed", static_cast<std::int64_t>(sum.failed))
                      .take()
               << '\n';
    return;
  }
  at_.to.out << grouped(sum.lines) << " lines: " << grouped(sum.added) << " added, "
             << grouped(sum.known) << " known already, " << grouped(sum.failed) << " failed\n";
}

exit_code importing::run() {
  std::optional<exit_code> broken;
  while (!broken && fill()) {
    broken = send();
    show_progress();
  }
  print_sum();
  if (broken) return *broken;
  return progress_.sum.failed == 0 ? exit_code::good : exit_code::bad_data;
}

}  // namespace

exit_code act(place& at, import_command const& what) {
  if (what.file == "-") return importing{at, what, at.to.in}.run();
  std::ifstream in{what.file, std::ios::binary};
  if (!in) {
    auto const why = std::generic_category().message(errno);
    return at.fail(exit_code::no_input, what.file + ": " + why);
  }
  in.seekg(0, std::ios::end);
  auto const size = in.tellg();  // a pipe has none
  in.clear();
  if (size > 0) in.seekg(0);
  if (in.peek(); in.bad()) return at.fail(exit_code::no_input, what.file + " cannot be read");
  in.clear();  // an empty file ends at once
  importing all{at, what, in};
  if (size > 0) all.expect(static_cast<std::uint64_t>(size));
  return all.run();
}

}  // namespace wixtokend::cli
