// Durable registrations a second at the real daemon, over its Unix socket, while 10,000 to
// 1,000,000 instances are registered already; and what SQLite and the disk alone do in the same
// run.
//
//   bench_store_registrations [INSTANCES…]

#include "base/instance_id.hpp"
#include "bench/store_daemon.hpp"
#include "store/database.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

namespace wixtokend::bench {
namespace {

constexpr std::size_t rounds = 3;  // of each of these; the median counts
constexpr std::size_t single_count = 1'000;
constexpr std::size_t connections = 64;
constexpr std::size_t many_count = 9'600;  // over all of them
constexpr std::size_t bulk_count = 10'000;
constexpr std::size_t bulk_part = 1'000;  // lines in a commit

// Nobody mints; what is measured is registering.
constexpr auto unreachable =
    "base_url = \"http://127.0.0.1:9\"\nallow_plain_http = true\nkeep_warm = \"none\"\n";

// Per second, of work that takes the number of the first instance.
double rate(std::size_t count, std::uint64_t& next,
            std::function<void(std::uint64_t first)> const& work) {
  return median_of(rounds, [&] {
    auto const took = seconds_of([&] { work(next); });
    next += count;
    return static_cast<double>(count) / took;
  });
}

void register_singly(store_daemon const& daemon, std::uint64_t first, std::size_t count) {
  auto client = daemon.connect();
  for (std::size_t i = 0; i < count; ++i) {
    auto const answer = client.request("PUT", "/v1/instances/" + id_text(first + i), "{}");
    if (answer.status != 201 || answer.body.find(R"("durable":true)") == std::string::npos) {
      wrong("PUT: " + answer.body);
    }
  }
}

void register_at_once(store_daemon const& daemon, std::uint64_t first) {
  std::vector<std::thread> clients;
  std::atomic<bool> failed = false;
  constexpr auto each = many_count / connections;
  for (std::size_t i = 0; i < connections; ++i) {
    clients.emplace_back([&, i] {
      try {
        register_singly(daemon, first + i * each, each);
      } catch (std::exception const& failure) {
        std::cerr << failure.what() << '\n';
        failed = true;
      }
    });
  }
  for (auto& one : clients) one.join();
  if (failed) wrong("a connection failed");
}

// Rows of the same table and size, put into the same file by SQLite alone, as durable.
class bare_sqlite {
 public:
  explicit bare_sqlite(std::string const& file)
      : in_{store::database::open(file, store::database::access::write, {}).value()} {
    run("PRAGMA journal_mode = WAL");
    run("PRAGMA synchronous = FULL");
    run("PRAGMA cache_size = -16384");
    sealed_.resize(static_cast<std::size_t>(
        in_.number("SELECT CAST(avg(length(sealed)) AS INTEGER) FROM instances").value()));
    insert_ = in_.prepare("INSERT INTO instances (app, instance, sealed) VALUES (?, ?, ?)").value();
  }

  [[nodiscard]] double row_bytes() const { return static_cast<double>(sealed_.size()); }

  void insert(std::uint64_t first, std::size_t count, std::size_t in_commit) {
    static auto const app = instance_id::parse(app_id).value();
    for (std::size_t i = 0; i < count; ++i) {
      if (i % in_commit == 0) run("BEGIN IMMEDIATE");
      auto const instance = instance_id::parse(id_text(first + i)).value();
      insert_.bind(bytes_of(app)).bind(bytes_of(instance)).bind(sealed_);
      if (auto const error = insert_.run()) wrong(error.message());
      if ((i + 1) % in_commit == 0) run("COMMIT");
    }
  }

 private:
  static std::string_view bytes_of(instance_id const& id) {
    return {reinterpret_cast<char const*>(id.bytes().data()), id.bytes().size()};
  }
  void run(std::string const& sql) {
    if (auto const error = in_.run(sql)) wrong(error.message());
  }

  store::database in_;
  store::statement insert_;
  std::string sealed_;
};

void append_durably(std::string const& file, std::size_t count) {
  int const descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  std::string const page(4096, 'x');
  for (std::size_t i = 0; i < count; ++i) {
    auto const size = ::write(descriptor, page.data(), page.size());
    if (size != static_cast<ssize_t>(page.size()) || ::fdatasync(descriptor) != 0) wrong("write");
  }
  ::close(descriptor);
}

// Per second, in the order of the table.
struct rates {
  std::vector<double> fill, bulk, single, many, sqlite_bulk, sqlite_single, flush, row_bytes;
};

void measure(std::size_t instances, rates& into) {
  test::temporary_folder const folder;
  std::uint64_t next = instances;
  {
    store_daemon daemon{folder, unreachable};
    into.fill.push_back(static_cast<double>(instances) /
                        seconds_of([&] { daemon.register_in_bulk(0, instances); }));
    into.single.push_back(rate(single_count, next, [&](std::uint64_t first) {
      register_singly(daemon, first, single_count);
    }));
    into.many.push_back(
        rate(many_count, next, [&](std::uint64_t first) { register_at_once(daemon, first); }));
    into.bulk.push_back(rate(bulk_count, next, [&](std::uint64_t first) {
      daemon.register_in_bulk(first, bulk_count);
    }));
    daemon.stop();
  }
  bare_sqlite peer{store_daemon::file(folder)};
  into.row_bytes.push_back(peer.row_bytes());
  into.sqlite_single.push_back(
      rate(single_count, next, [&](std::uint64_t first) { peer.insert(first, single_count, 1); }));
  into.sqlite_bulk.push_back(rate(
      bulk_count, next, [&](std::uint64_t first) { peer.insert(first, bulk_count, bulk_part); }));
  into.flush.push_back(rate(single_count, next, [&](std::uint64_t) {
    append_durably(folder.path("appended"), single_count);
  }));
}

void print(std::vector<std::size_t> const& sizes, rates const& all) {
  figures const out{sizes};
  out.row("bulk: all of these into an empty store, per s", all.fill);
  out.row("bulk: 10,000 more, per s", all.bulk);
  out.row("  SQLite alone, 1,000 rows a commit, per s", all.sqlite_bulk);
  out.ratio("  bulk / SQLite", all.bulk, all.sqlite_bulk);
  out.row("PUT: one connection, per s", all.single);
  out.row("  SQLite alone, one row a commit, per s", all.sqlite_single);
  out.ratio("  PUT / SQLite", all.single, all.sqlite_single);
  out.row("PUT: 64 connections, per s", all.many);
  out.ratio("  64 connections / one", all.many, all.single);
  out.row("disk: append of 4 KiB and fdatasync, per s", all.flush);
  out.ratio("  PUT, one connection / fdatasync", all.single, all.flush);
  out.ratio("  PUT, 64 connections / fdatasync", all.many, all.flush);
  out.row("a row sealed, bytes", all.row_bytes);
}

}  // namespace
}  // namespace wixtokend::bench

int main(int count, char** arguments) {
  using namespace wixtokend::bench;
  try {
    auto const sizes = sizes_from(count, arguments, {10'000, 1'000'000});
    rates all;
    for (auto const size : sizes) measure(size, all);
    print(sizes, all);
    return 0;
  } catch (std::exception const& failure) {
    std::cerr << "bench_store_registrations: " << failure.what() << '\n';
    return 1;
  }
}
