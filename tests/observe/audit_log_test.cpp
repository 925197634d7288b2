#include "observe/audit_log.hpp"

#include "support/allocations.hpp"
#include "support/recording_logger.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace wixtokend::observe {
namespace {

using namespace std::chrono_literals;

// What the loop's thread sees of a log whose lines another thread writes.
class locked_logger final : public logger {
 public:
  [[nodiscard]] bool enabled(log_level) const noexcept override { return true; }
  void write(log_level level, std::string_view event,
             std::initializer_list<log_field> fields) noexcept override {
    std::lock_guard const lock{mutex_};
    lines_.write(level, event, fields);
  }
  [[nodiscard]] std::size_t count(std::string_view text) const {
    std::lock_guard const lock{mutex_};
    return lines_.count(text);
  }

 private:
  mutable std::mutex mutex_;
  test::recording_logger lines_;
};

struct audit_world {
  test::temporary_folder folder;
  std::string file = folder.path("audit.log");
  locked_logger log;
  std::optional<audit_log> audit;

  explicit audit_world(audit_overflow overflow = audit_overflow::drop,
                       std::size_t ring_size = 1'000) {
    audit_settings settings;
    settings.file = file;
    settings.overflow = overflow;
    settings.ring_size = ring_size;
    settings.gather_time = 0ms;
    settings.retry_pause = 1ms;
    audit.emplace(settings, audit_names{{"main"}, {"main"}}, log);
  }

  bool record(std::uint64_t generation) {
    audit_record what;
    what.at = wall_time{std::chrono::milliseconds{generation}};
    what.method = "GET";
    what.path = "/";
    what.generation = generation;
    return audit->record(what);
  }

  [[nodiscard]] static std::string content(std::string const& of) {
    std::ifstream in{of, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  [[nodiscard]] std::string content() const { return content(file); }
  [[nodiscard]] std::size_t lines() const {
    auto const text = content();
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }

  // Waits for the thread: the condition comes true, or ctest ends the test.
  template <class Condition>
  static void await(Condition const& holds) {
    while (!holds()) std::this_thread::yield();
  }
};

// While it lives no file may grow: writes fail as on a full disk.
class no_room {
 public:
  no_room() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    rlimit const none{0, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &none);
  }
  no_room(no_room const&) = delete;
  no_room& operator=(no_room const&) = delete;
  ~no_room() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

}  // namespace

TEST_SUITE("observe.audit_log") {
  TEST_CASE("every record is a line of the file, in order, however many come") {
    audit_world w{audit_overflow::drop, 100'000};
    for (std::uint64_t n = 0; n < 20'000; ++n) CHECK(w.record(n));
    CHECK(w.audit->state().recorded == 20'000);
    w.audit.reset();  // what waits is written before the end
    std::ifstream in{w.file};
    std::uint64_t n = 0;
    for (std::string line; std::getline(in, line); ++n) {
      REQUIRE(line.find("\"generation\":" + std::to_string(n) + ",") != std::string::npos);
    }
    CHECK(n == 20'000);
    CHECK(w.log.count("") == 0);
  }

  TEST_CASE("a record is written soon, without anything that follows it") {
    audit_world w;
    CHECK(w.record(1));
    audit_world::await([&] { return w.lines() == 1; });
    CHECK(w.record(2));
    audit_world::await([&] { return w.lines() == 2; });
  }

  TEST_CASE("recording takes no memory") {
    audit_world w{audit_overflow::drop, 5'000};
    audit_record what;
    what.method = "GET";
    what.path = "/";
    static_cast<void>(w.audit->record(what));
    auto const before = test::allocations();
    for (int i = 0; i < 4'000; ++i) {
      what.name_request("an-id-that-is-longer-than-a-string-without-memory-of-its-own");
      static_cast<void>(w.audit->record(what));
    }
    CHECK(test::allocations() == before);
  }

  TEST_CASE("a file that was renamed is left, and the new one is written") {
    audit_world w;
    CHECK(w.record(1));
    audit_world::await([&] { return w.lines() == 1; });
    std::filesystem::rename(w.file, w.file + ".1");
    w.audit->reopen();
    audit_world::await([&] { return std::filesystem::exists(w.file); });
    CHECK(w.record(2));
    audit_world::await([&] { return w.lines() == 1; });
    CHECK(w.content(w.file + ".1").find("\"generation\":1,") != std::string::npos);
    CHECK(w.content().find("\"generation\":2,") != std::string::npos);
  }

  TEST_CASE("a path that cannot be opened anew is told, and the file before is written on") {
    audit_world w;
    std::filesystem::rename(w.file, w.file + ".1");
    std::filesystem::create_directory(w.file);
    w.audit->reopen();
    audit_world::await([&] { return w.log.count("audit_reopen_failed") == 1; });
    CHECK(w.record(1));
    audit_world::await([&] { return !w.content(w.file + ".1").empty(); });
  }

  TEST_CASE("without room on the disk records wait, and are written when there is some") {
    audit_world w;
    {
      no_room const full;
      CHECK(w.record(1));
      audit_world::await([&] { return w.audit->state().failure.failed(); });
      for (std::uint64_t n = 2; n <= 100; ++n) CHECK(w.record(n));
      CHECK(w.audit->state().lost == 0);
    }
    audit_world::await([&] { return w.lines() == 100; });
    audit_world::await([&] { return !w.audit->state().failure; });
    CHECK(w.log.count("error audit_write_failed") == 1);
    CHECK(w.log.count("info audit_works_again") == 1);
  }

  TEST_CASE("drop: what there is no room for is lost, counted, and told in file and log") {
    audit_world w{audit_overflow::drop, 10};
    {
      no_room const full;
      CHECK(w.record(0));
      audit_world::await([&] { return w.audit->state().failure.failed(); });
      for (std::uint64_t n = 1; n <= 17; ++n) CHECK(w.record(n));
      CHECK(w.audit->state().lost == 7);
    }
    audit_world::await([&] { return w.lines() == 12; });
    CHECK(w.content().ends_with(R"("lost":7,"from":"1970-01-01T00:00:00.011Z",)"
                                R"("until":"1970-01-01T00:00:00.017Z"})"
                                "\n"));
    CHECK(w.log.count("audit_records_lost") == 1);
    CHECK(w.log.count("records=7") == 1);
  }

  TEST_CASE("refuse: what there is no room for may not be handed out") {
    audit_world w{audit_overflow::refuse, 10};
    {
      no_room const full;
      CHECK(w.record(0));
      audit_world::await([&] { return w.audit->state().failure.failed(); });
      for (std::uint64_t n = 1; n <= 10; ++n) CHECK(w.record(n));
      CHECK_FALSE(w.record(11));
      CHECK_FALSE(w.record(12));
      CHECK(w.audit->state().refused == 2);
      CHECK(w.audit->state().lost == 0);
    }
    audit_world::await([&] { return w.lines() == 11; });
    CHECK(w.record(13));
    audit_world::await([&] { return w.lines() == 12; });
    CHECK(w.log.count("audit_records_lost") == 0);
  }

  TEST_CASE("what cannot be written at the end is told as lost") {
    audit_world w;
    no_room const full;
    for (std::uint64_t n = 0; n < 5; ++n) CHECK(w.record(n));
    w.audit.reset();
    CHECK(w.log.count("audit_records_lost") == 1);
    CHECK(w.log.count("records=5") == 1);
  }
}

}  // namespace wixtokend::observe
