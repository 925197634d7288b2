#include "service/recent_survey.hpp"

#include "support/service_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <doctest/doctest.h>

#include <list>
#include <numeric>
#include <optional>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::key_of;
using test::service_world;

namespace {

struct reader {
  std::optional<std::size_t> instances;  ///< that it was told of
  asio::cancellation_signal leave;
};

struct survey_world : service_world {
  service::recent_survey survey{service};
  std::list<reader> readers;

  survey_world() { add_some(1, 3'000); }

  void add_some(unsigned first, unsigned last) {
    for (unsigned n = first; n <= last; ++n) add(key_of(n));
  }

  // Asks; the answer comes when the loop runs on.
  reader& begin() {
    auto& who = readers.emplace_back();
    asio::co_spawn(loop, read(survey, who),
                   asio::bind_cancellation_slot(who.leave.slot(), [](std::exception_ptr) {}));
    return who;
  }

  std::size_t now() {
    auto const& who = begin();
    time.settle();
    return who.instances.value_or(0);
  }

  // A few steps of the loop: the survey of 3,000 takes three and more.
  void run(int steps) {
    loop.restart();
    for (int i = 0; i < steps; ++i) loop.run_one();
  }

 private:
  static task<> read(service::recent_survey& from, reader& who) {
    auto looking = from.look();
    auto const found = co_await std::move(looking);
    auto const& states = found.at(0).by_state;
    who.instances = std::accumulate(states.begin(), states.end(), std::size_t{0});
  }
};

}  // namespace

TEST_SUITE("service.recent_survey") {
  TEST_CASE("what was seen holds for a second") {
    survey_world w;
    CHECK(w.now() == 3'000);
    w.add_some(3'001, 3'010);
    w.time.advance(999ms);
    CHECK(w.now() == 3'000);
    w.time.advance(1ms);
    CHECK(w.now() == 3'010);
  }

  TEST_CASE("all who ask at once are told of one look") {
    survey_world w;
    for (int i = 0; i < 20; ++i) w.begin();
    w.run(22);  // all have begun; nobody is done
    CHECK_FALSE(w.readers.front().instances.has_value());
    w.add_some(3'001, 3'005);  // further on than the first look has come
    w.time.settle();
    auto const first = w.readers.front().instances;
    REQUIRE(first.has_value());
    for (auto const& one : w.readers) CHECK(one.instances == first);
  }

  TEST_CASE("when the one who looks leaves, another one looks") {
    survey_world w;
    auto& first = w.begin();
    auto& second = w.begin();
    w.run(3);
    first.leave.emit(asio::cancellation_type::terminal);
    w.time.settle();
    CHECK_FALSE(first.instances.has_value());
    CHECK(second.instances == 3'000);
    CHECK(w.now() == 3'000);
  }
}
