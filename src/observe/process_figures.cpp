#include "observe/process_figures.hpp"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace wixtokend::observe {
namespace {

double seconds_of(timeval const& time) noexcept {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

std::optional<double> cpu_seconds() noexcept {
  rusage used{};
  if (::getrusage(RUSAGE_SELF, &used) != 0) return std::nullopt;
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

// The second number of statm, in pages (proc(5)).
std::optional<std::uint64_t> resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  if (!(statm >> size >> resident)) return std::nullopt;
  auto const page = ::sysconf(_SC_PAGESIZE);
  if (page <= 0) return std::nullopt;
  return resident * static_cast<std::uint64_t>(page);
}

std::optional<std::uint64_t> open_descriptors() {
  std::error_code ec;
  std::filesystem::directory_iterator const all{"/proc/self/fd", ec};
  if (ec) return std::nullopt;
  auto const count = std::distance(begin(all), end(all));
  return static_cast<std::uint64_t>(count) - 1;  // one is for looking
}

std::optional<std::uint64_t> descriptors_max() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return limit.rlim_cur;
}

}  // namespace

process_figures read_process_figures() {
  return {cpu_seconds(), resident_bytes(), open_descriptors(), descriptors_max()};
}

}  // namespace wixtokend::observe
