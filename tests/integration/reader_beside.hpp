#pragma once
// A caller that does everything right, beside others that do not.

#include "integration/world.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <thread>
#include <vector>

namespace wixtokend::test {

/// What such a caller has seen.
struct reader_figures {
  std::size_t requests = 0;
  std::size_t errors = 0;  ///< no answer within 5 s, or another one than the token
  std::string first_error;
  std::chrono::microseconds p99{};
};

/// Reads the token of one instance again and again, over one connection, about once a millisecond.
class reader_beside {
 public:
  /// Connects and reads the first token, which must come.
  reader_beside(world& w, unsigned instance);
  reader_beside(reader_beside const&) = delete;
  reader_beside& operator=(reader_beside const&) = delete;
  ~reader_beside();

  /// Reads so many times, now.
  reader_figures read(std::size_t times);
  /// Reads on a thread of its own, until `stop`.
  void start();
  reader_figures stop();

 private:
  void read_once();
  reader_figures take_figures();

  raw_client client_;
  std::string target_;
  std::vector<std::chrono::microseconds> times_;
  reader_figures seen_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// What an abuse may add to the daemon's memory, at the most. Much less is seen, see what is
/// printed; a daemon that keeps what it is sent would exceed it.
inline constexpr std::size_t growth_max = std::size_t{64} * 1024 * 1024;

/// Whatever the others do: the reader is not held up for longer than this, but for one time in a
/// hundred. Much less is seen, and most of that is the want of a processor.
inline constexpr auto p99_max = std::chrono::milliseconds{250};

/// Runs an abuse, for at least a second, while a reader of instance 1 goes on, and checks that the
/// reader sees no error, that the daemon's memory stays bounded, and that a new caller is served
/// afterwards. Prints how much slower the reader became: the 99th percentile as a multiple of the
/// quiet one of this run.
template <class Abuse>
void check_beside_reader(world& w, std::string const& name, Abuse abuse);

/// The parts of it.
struct quiet_figures {
  std::chrono::microseconds p99{};
  std::size_t resident = 0;
};
quiet_figures quiet(world& w, reader_beside& reader);
/// Lets this thread run behind the daemon and the reader, so that they are not slower for want of a
/// processor alone; or as before, where that is allowed.
void run_behind_others(bool behind);
void check_after(world& w, std::string const& name, quiet_figures const& before,
                 reader_figures const& meanwhile);

template <class Abuse>
void check_beside_reader(world& w, std::string const& name, Abuse abuse) {
  reader_beside reader{w, 1};
  auto const before = quiet(w, reader);
  reader.start();
  run_behind_others(true);
  auto const end = std::chrono::steady_clock::now() + std::chrono::seconds{1};
  do {
    abuse();
  } while (std::chrono::steady_clock::now() < end);
  run_behind_others(false);
  check_after(w, name, before, reader.stop());
}

}  // namespace wixtokend::test
