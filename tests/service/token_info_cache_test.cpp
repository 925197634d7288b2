#include "service/token_info_cache.hpp"

#include "support/service_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <doctest/doctest.h>

#include <list>
#include <optional>
#include <string>
#include <variant>

using namespace wixtokend;
using namespace std::chrono_literals;
using test::key_of;
using test::scripted_issuer;
using test::service_world;

namespace {

using outcome = service::token_info_cache::outcome;

struct asker {
  std::optional<std::optional<outcome>> said;
  asio::cancellation_signal leave;
};

struct info_world : service_world {
  service::token_info_cache cache;
  std::list<asker> askers;

  explicit info_world(std::size_t size_max = 1'000) : cache{service, size_max} {}

  core::generation_number warm(unsigned n) {
    token_of(key_of(n));
    return service.view(key_of(n)).value().generation;
  }

  // Asks; what is said comes when it comes.
  asker& begin(unsigned n, core::generation_number generation, std::uint32_t uid = 1000) {
    auto& who = askers.emplace_back();
    asio::co_spawn(loop, ask(cache, key_of(n), generation, uid, who),
                   asio::bind_cancellation_slot(who.leave.slot(), [](std::exception_ptr) {}));
    time.settle();
    return who;
  }
  // In a word.
  std::string say(unsigned n, core::generation_number generation, std::uint32_t uid = 1000) {
    return word(begin(n, generation, uid));
  }
  static std::string word(asker const& who) {
    if (!who.said) return "waits";
    if (!*who.said) return "nothing";
    if (auto const* const info = std::get_if<service::token_info>(&**who.said)) {
      return info->subject_id;
    }
    return std::holds_alternative<core::failure>(**who.said) ? "failed" : "too many";
  }

 private:
  static task<> ask(service::token_info_cache& of, instance_key key,
                    core::generation_number generation, std::uint32_t uid, asker& who) {
    auto asking = of.ask(key, generation, uid);
    auto said = co_await std::move(asking);
    who.said.emplace(std::move(said));
  }
};

}  // namespace

TEST_SUITE("service.token_info_cache") {
  TEST_CASE("an answer holds for thirty seconds, and of its generation only") {
    info_world w;
    auto const generation = w.warm(1);
    CHECK(w.say(1, generation) == "token-1");
    w.time.advance(30s - 1ns);
    CHECK(w.say(1, generation) == "token-1");
    CHECK(w.issuer.info_calls == 1);
    w.time.advance(1ns);
    CHECK(w.say(1, generation) == "token-1");
    CHECK(w.issuer.info_calls == 2);
    CHECK(w.say(1, generation - 1) == "nothing");
    CHECK(w.say(1, generation + 1) == "nothing");
    CHECK(w.say(2, generation) == "nothing");
    CHECK(w.issuer.info_calls == 2);
  }

  TEST_CASE("no answer outlives its token") {
    info_world w;
    w.issuer.life = 24s;  // usable for 18 s
    auto const generation = w.warm(1);
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    CHECK(w.say(1, generation) == "token-1");
    auto const end = w.service.view(key_of(1)).value().usable_until.value();
    w.time.advance(end - w.time.now() - 1ns);
    CHECK(w.say(1, generation) == "token-1");
    w.time.advance(1ns);
    CHECK(w.say(1, generation) == "nothing");
    CHECK(w.issuer.info_calls == 1);
  }

  TEST_CASE("fifty who ask at once share one question, and its failure") {
    info_world w;
    auto const generation = w.warm(1);
    w.issuer.latency = 1s;
    for (int i = 0; i < 50; ++i) w.begin(1, generation, static_cast<std::uint32_t>(i));
    w.time.advance(1s);
    for (auto const& one : w.askers) CHECK(info_world::word(one) == "token-1");
    CHECK(w.issuer.info_calls == 1);

    w.time.advance(30s);
    w.askers.clear();
    w.issuer.info_fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    for (int i = 0; i < 3; ++i) w.begin(1, generation, static_cast<std::uint32_t>(i));
    w.time.advance(1s);
    for (auto const& one : w.askers) CHECK(info_world::word(one) == "failed");
    CHECK(w.issuer.info_calls == 2);
    w.issuer.info_fails.reset();
    auto const& again = w.begin(1, generation);
    w.time.advance(1s);
    CHECK(info_world::word(again) == "token-1");  // a failure is not kept
  }

  TEST_CASE("when the one who asks leaves, the next one asks") {
    info_world w;
    auto const generation = w.warm(1);
    w.issuer.latency = 1s;
    auto& first = w.begin(1, generation, 1);
    auto& second = w.begin(1, generation, 2);
    auto& third = w.begin(1, generation, 3);
    w.time.advance(500ms);
    second.leave.emit(asio::cancellation_type::terminal);
    first.leave.emit(asio::cancellation_type::terminal);
    w.time.settle();
    CHECK(w.issuer.info_calls == 2);
    w.time.advance(1s);
    CHECK(info_world::word(first) == "waits");
    CHECK(info_world::word(second) == "waits");
    CHECK(info_world::word(third) == "token-1");
  }

  TEST_CASE("a token that is replaced while its question is out is not mistaken for the new one") {
    info_world w;
    auto const generation = w.warm(1);
    w.issuer.latency = 1s;
    auto& first = w.begin(1, generation, 1);
    auto& second = w.begin(1, generation, 2);
    w.engine.drop_token(key_of(1), w.time.now());
    w.service.dispatch();
    first.leave.emit(asio::cancellation_type::terminal);
    w.time.advance(2s);
    CHECK(info_world::word(second) == "nothing");
    CHECK(w.issuer.info_calls == 1);
  }

  TEST_CASE("each user causes four questions a second") {
    info_world w;
    std::vector<core::generation_number> generations;
    for (unsigned n = 1; n <= 6; ++n) generations.push_back(w.warm(n));
    for (unsigned n = 1; n <= 4; ++n) CHECK(w.say(n, generations[n - 1]) != "too many");
    auto const& fifth = w.begin(5, generations[4]);
    CHECK(info_world::word(fifth) == "too many");
    auto const& refused = std::get<core::refusal>(fifth.said.value().value());
    CHECK(refused.reason == core::refusal_reason::too_many);
    CHECK(refused.retry_after == 250ms);
    CHECK(w.say(1, generations[0]) == "token-1");  // known already
    CHECK(w.say(5, generations[4], 2000) == "token-5");
    w.time.advance(250ms);
    CHECK(w.say(6, generations[5]) == "token-6");
  }

  TEST_CASE("so many answers are kept; the one that ends first goes") {
    info_world w{3};
    std::vector<core::generation_number> generations;
    for (unsigned n = 1; n <= 4; ++n) generations.push_back(w.warm(n));
    for (unsigned n = 1; n <= 4; ++n) {
      w.say(n, generations[n - 1]);
      w.time.advance(1s);
    }
    CHECK(w.cache.size() == 3);
    CHECK(w.issuer.info_calls == 4);
    for (unsigned n = 2; n <= 4; ++n) w.say(n, generations[n - 1]);
    CHECK(w.issuer.info_calls == 4);
    w.say(1, generations[0]);
    CHECK(w.issuer.info_calls == 5);
    CHECK(w.cache.size() == 3);
  }
}
