// How long a restart takes with usable tokens in the store, from exec until `/readyz` says 200,
// next to what reading the same file costs alone.
//
//   bench_store_restart [INSTANCES…]

#include "bench/store_daemon.hpp"
#include "store/database.hpp"
#include "store/key_ring.hpp"
#include "store/row_identity.hpp"
#include "store/sealing.hpp"
#include "store/soundness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <string>
#include <thread>
#include <variant>
#include <vector>

namespace wixtokend::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t rounds = 3;
constexpr auto watched = 2s;  // after it is ready: does it mint all the same?

// By number of instances. Seconds, but for the last three.
struct findings {
  std::vector<double> fill, restart, cold_restart, read, cold_read, check, scan, open;
  std::vector<double> file, resident, requests;
};

void read_file(std::string const& file) {
  int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  std::vector<char> part(1U << 20U);
  while (::read(descriptor, part.data(), part.size()) > 0) {
  }
  ::close(descriptor);
}

// Out of the page cache.
void forget_file(std::string const& file) {
  int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  ::fsync(descriptor);
  ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
  ::close(descriptor);
}

// Reads all rows as they stand, and with a `seal` opens them.
void scan(std::string const& file, std::size_t instances, store::opener* seal) {
  auto in = store::database::open(file, store::database::access::look).value();
  auto rows = in.prepare("SELECT id, app, instance, sealed FROM instances ORDER BY id").value();
  std::size_t count = 0;
  while (rows.step().value()) {
    ++count;
    if (seal == nullptr) {
      if (rows.blob(3).empty()) wrong("a row without content");
      continue;
    }
    store::row_identity identity{"instances"};
    identity.add_column(rows, 1).add_column(rows, 2);
    if (!seal->open(rows.blob(3), identity.bytes()).has_value()) wrong("a seal");
  }
  if (count != instances) wrong("rows");
}

void check_structure(std::string const& file) {
  auto in = store::database::open(file, store::database::access::look).value();
  std::int64_t version = 0;
  if (auto const unsound = store::verify_structure(in, version)) wrong(unsound->what);
}

void restart(test::temporary_folder const& folder, emulator const& upstream, findings& into) {
  auto const file = store_daemon::file(folder);
  double resident = 0;
  auto const once = [&] {
    store_daemon daemon{folder, upstream.app_settings()};
    resident = static_cast<double>(daemon.resident_bytes());
    auto const took = daemon.start_seconds();
    std::this_thread::sleep_for(watched);
    daemon.stop();
    return took;
  };
  into.restart.push_back(median_of(rounds, once));
  into.resident.push_back(resident / 1e6);
  into.cold_restart.push_back(median_of(rounds, [&] {
    forget_file(file);
    return once();
  }));
}

void measure(std::size_t instances, findings& into) {
  test::temporary_folder const folder;
  emulator const upstream{folder};
  auto const file = store_daemon::file(folder);
  into.fill.push_back(static_cast<double>(instances) / fill_store(folder, instances, 3h));
  restart(folder, upstream, into);
  into.requests.push_back(static_cast<double>(upstream.requests()));
  into.file.push_back(static_cast<double>(std::filesystem::file_size(file)) / 1e6);

  auto const timed = [](auto const& work) {
    return median_of(rounds, [&] { return seconds_of(work); });
  };
  into.read.push_back(timed([&] { read_file(file); }));
  into.check.push_back(timed([&] { check_structure(file); }));
  into.scan.push_back(timed([&] { scan(file, instances, nullptr); }));
  auto const keys = store::parse_keys(secret{store_daemon::key()});
  store::opener seal{std::get<store::key_ring>(keys)};
  into.open.push_back(timed([&] { scan(file, instances, &seal); }));
  into.cold_read.push_back(median_of(rounds, [&] {
    forget_file(file);
    return seconds_of([&] { read_file(file); });
  }));
}

void print(std::vector<std::size_t> const& sizes, findings const& all) {
  figures const out{sizes};
  out.row("restart: exec to ready, file in the page cache, s", all.restart, 3);
  out.row("  reading the file, s", all.read, 3);
  out.row("  SELECT of all rows, s", all.scan, 3);
  out.row("  the same, and each seal opened, s", all.open, 3);
  out.row("  integrity_check and schema, s", all.check, 3);
  out.ratio("  restart / SELECT with seals", all.restart, all.open);
  out.row("restart: exec to ready, file on the disk only, s", all.cold_restart, 3);
  out.row("  reading the file, s", all.cold_read, 3);
  out.ratio("  restart / reading", all.cold_restart, all.cold_read);
  out.row("requests to the upstream, all restarts", all.requests);
  out.row("resident memory when ready, MB", all.resident);
  out.row("file, MB", all.file);
  out.row("filled through the store, rows per s", all.fill);
}

}  // namespace
}  // namespace wixtokend::bench

int main(int count, char** arguments) {
  using namespace wixtokend::bench;
  try {
    auto const sizes = sizes_from(count, arguments, {10'000, 100'000, 1'000'000});
    findings all;
    for (auto const size : sizes) measure(size, all);
    print(sizes, all);
    return 0;
  } catch (std::exception const& failure) {
    std::cerr << "bench_store_restart: " << failure.what() << '\n';
    return 1;
  }
}
