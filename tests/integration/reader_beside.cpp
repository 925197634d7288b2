#include "integration/reader_beside.hpp"

#include "support/process_memory.hpp"

#include <poll.h>
#include <sys/resource.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace wixtokend::test {
namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

double mebibytes(std::size_t bytes) {
  return static_cast<double>(bytes) / (1024.0 * 1024.0);
}

}  // namespace

reader_beside::reader_beside(world& w, unsigned instance)
    : client_{w.connect()}, target_{instance_path(instance) + "/token"} {
  w.warm_token(instance);
}

reader_beside::~reader_beside() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void reader_beside::read_once() {
  auto const begin = clock_type::now();
  try {
    auto const answer = client_.request("GET", target_, {}, {}, 5s);
    times_.push_back(
        std::chrono::duration_cast<std::chrono::microseconds>(clock_type::now() - begin));
    bool const good = answer.status == 200 && answer.body.starts_with(R"({"access_token":")");
    if (!good && seen_.errors++ == 0) seen_.first_error = answer.body;
  } catch (std::exception const& e) {
    if (seen_.errors++ == 0) seen_.first_error = e.what();
  }
  ++seen_.requests;
  ::poll(nullptr, 0, 1);
}

reader_figures reader_beside::take_figures() {
  auto const rank = times_.size() * 99 / 100;
  if (rank < times_.size()) {
    auto const place = times_.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(times_.begin(), place, times_.end());
    seen_.p99 = *place;
  }
  times_.clear();
  return std::exchange(seen_, {});
}

reader_figures reader_beside::read(std::size_t times) {
  for (std::size_t i = 0; i < times; ++i) read_once();
  return take_figures();
}

void reader_beside::start() {
  thread_ = std::thread{[this] {
    while (!stopping_ && seen_.errors < 10) read_once();
  }};
}

reader_figures reader_beside::stop() {
  stopping_ = true;
  thread_.join();
  return take_figures();
}

void run_behind_others(bool behind) {
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, behind ? 15 : 0));  // Linux: of this thread
}

quiet_figures quiet(world& w, reader_beside& reader) {
  reader.read(50);  // what is slow the first time
  auto const figures = reader.read(300);
  REQUIRE_MESSAGE(figures.errors == 0, figures.first_error);
  return {figures.p99, memory_of(w.daemon().pid()).resident};
}

void check_after(world& w, std::string const& name, quiet_figures const& before,
                 reader_figures const& meanwhile) {
  REQUIRE_MESSAGE(w.daemon().running(), w.daemon().errors());
  CHECK_MESSAGE(meanwhile.errors == 0, meanwhile.first_error);
  CHECK(meanwhile.requests > 20);
  CHECK(meanwhile.p99 < p99_max);
  auto const peak = memory_of(w.daemon().pid()).peak;
  CHECK(peak < before.resident + growth_max);
  CHECK(w.token(1).status == 200);
  auto const slower = static_cast<double>(meanwhile.p99.count()) /
                      static_cast<double>(std::max<long>(before.p99.count(), 1));
  MESSAGE(name << ": " << meanwhile.requests << " reads, " << meanwhile.errors << " errors, p99 "
               << slower << " times the quiet one (" << before.p99.count() << " us); memory "
               << mebibytes(before.resident) << " MiB quiet, " << mebibytes(peak)
               << " MiB at most");
}

}  // namespace wixtokend::test
