// GET …/token with If-None-Match and Prefer: wait: how a watch begins, and each way in which it
// ends.

#include "base/text.hpp"
#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::test {
namespace {

api::api_settings roomy() {
  auto settings = api_world::default_settings();
  settings.limits.connections_max = 12'000;
  settings.limits.connections_per_uid_max = 12'000;
  settings.limits.waiters_per_uid_max = 12'000;
  return settings;
}

std::string watching(std::string const& tags, std::string const& prefer = "wait=60") {
  return "If-None-Match: " + tags + "\r\nPrefer: " + prefer + "\r\n";
}

std::string tag_of(api_world& w) {
  return header_of(w.get(instance_path("/token")), "ETag");
}

core::generation_number generation_of(std::string const& tag) {
  return parse_decimal(std::string_view{tag}.substr(1, tag.size() - 2)).value();
}

// A connection on which a watch has begun.
api_client& watch(api_world& w, std::string const& headers, std::string const& query = {}) {
  auto& client = w.connect();
  client.send(request_text("GET", instance_path("/token" + query), headers));
  REQUIRE(client.received().empty());
  return client;
}

// Has the token replaced, which another caller says was refused.
void replace(api_world& w, std::string const& tag) {
  auto const generation = std::to_string(generation_of(tag));
  auto const answer =
      w.request("POST", instance_path("/token/reject"), {}, R"({"generation":)" + generation + "}");
  REQUIRE(answer.status == 200);
}

}  // namespace

TEST_SUITE("api.token_handlers_watch") {
  TEST_CASE("a watch is answered with the next token, and costs no mint of its own") {
    api_world w;
    auto const tag = tag_of(w);
    auto& watcher = watch(w, watching(tag));
    w.time.advance(59s);
    CHECK(watcher.received().empty());
    CHECK(w.issuer.calls == 1);
    replace(w, tag);
    auto const answer = watcher.take();
    CHECK(answer.status == 200);
    CHECK(member_of(answer, "access_token") == "\"token-2\"");
    CHECK(header_of(answer, "ETag") != tag);
    CHECK(header_of(answer, "Preference-Applied") == "wait=60");
    CHECK(w.issuer.calls == 2);
    CHECK(w.engine.waiters() == 0);
  }

  TEST_CASE("a watch that brings nothing new ends with 304 after its time, not before") {
    api_world w;
    auto const tag = tag_of(w);
    auto& watcher = watch(w, watching(tag, "wait=10"));
    w.time.advance(9'999ms);
    CHECK(watcher.received().empty());
    w.time.advance(1ms);
    auto const answer = watcher.take();
    CHECK(answer.status == 304);
    CHECK(answer.body.empty());
    CHECK(header_of(answer, "ETag") == tag);
    CHECK(header_of(answer, "Preference-Applied") == "wait=10");
    CHECK(w.issuer.calls == 1);
    watcher.send(request_text("GET", instance_path("/token")));  // the connection goes on
    CHECK(watcher.take().status == 200);
  }

  TEST_CASE("a longer wait than may be is cut, and the answer says so") {
    auto settings = api_world::default_settings();
    settings.limits.wait_max = 20s;
    api_world w{{}, settings};
    auto& watcher = watch(w, watching(tag_of(w), "wait=3600"));
    w.time.advance(20s);
    auto const answer = watcher.take();
    CHECK(answer.status == 304);
    CHECK(header_of(answer, "Preference-Applied") == "wait=20");
  }

  TEST_CASE("without a wait, or with none that can be read, 304 comes at once") {
    api_world w;
    auto const tag = tag_of(w);
    auto const condition = "If-None-Match: " + tag + "\r\n";
    for (auto const* const more : {"", "Prefer: respond-async\r\n", "Prefer: wait=soon\r\n"}) {
      auto const answer = w.get(instance_path("/token"), condition + more);
      CHECK(answer.status == 304);
      CHECK(header_of(answer, "Preference-Applied") == "-");
    }
    auto const none = w.get(instance_path("/token"), watching(tag, "wait=0"));
    CHECK(none.status == 304);
    CHECK(header_of(none, "Preference-Applied") == "wait=0");
    auto const any = w.get(instance_path("/token"), watching("*"));
    CHECK(any.status == 304);
    CHECK(header_of(any, "Preference-Applied") == "-");
  }

  TEST_CASE("a token that the caller does not have is given at once") {
    api_world w;
    tag_of(w);
    for (auto const* const tags : {"\"7\"", "W/\"7\", \"8\"", "nonsense"}) {
      auto const answer = w.get(instance_path("/token"), watching(tags));
      CHECK(answer.status == 200);
      CHECK(header_of(answer, "Preference-Applied") == "-");
    }
    auto const unconditional = w.get(instance_path("/token"), "Prefer: wait=60\r\n");
    CHECK(unconditional.status == 200);
  }

  TEST_CASE("several tags, weak ones, and several header fields name what the caller has") {
    api_world w;
    auto const tag = tag_of(w);
    watch(w, watching("\"7\", W/" + tag + " ,\"8\""));
    watch(w, "If-None-Match: \"7\"\r\nIf-None-Match: " + tag +
                 "\r\nPrefer: respond-async\r\nPrefer: wait=60\r\n");
  }

  TEST_CASE("a next generation that the caller claims to have is not news to it") {
    api_world w;
    auto const tag = tag_of(w);
    auto const number = generation_of(tag);
    auto const next = '"' + std::to_string(number + 1) + '"';
    auto& watcher = watch(w, watching(tag + ", " + next));
    replace(w, tag);
    CHECK(watcher.received().empty());
    w.time.advance(60s);
    auto const answer = watcher.take();
    CHECK(answer.status == 304);
    CHECK(header_of(answer, "ETag") == next);
  }

  TEST_CASE("the ordinary refresh ends a watch, also of an instance that nobody else uses") {
    core::app_policy app;
    app.warm = core::keep_warm::used;
    app.idle_after = 60s;
    api_world w{app};
    w.issuer.life = 600s;  // margin 10 s, refreshed by 480 s at the latest
    auto tag = tag_of(w);
    for (int minute = 0; minute < 30; ++minute) {
      auto& watcher = watch(w, watching(tag));
      w.time.advance(60s);
      auto const answer = watcher.take();
      REQUIRE((answer.status == 200 || answer.status == 304));
      tag = header_of(answer, "ETag");
      watcher.leave();
    }
    CHECK(w.issuer.calls >= 4);
    auto const before = w.issuer.calls;
    w.time.advance(1h);
    CHECK(w.issuer.calls == before);  // idle
  }

  TEST_CASE("when its token ends during the watch, the caller waits for one as others do") {
    api_world w;
    w.issuer.life = 100s;  // margin 10 s
    auto const tag = tag_of(w);
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::transient, "down");
    w.time.advance(80s);
    auto& lucky = watch(w, watching(tag), "?wait=20");
    auto& unlucky = watch(w, watching(tag), "?wait=2");
    auto& needy = watch(w, watching(tag), "?min_valid=5&wait=1");
    w.time.advance(5s);
    CHECK(needy.received().empty());
    w.time.advance(1s + 1ms);
    CHECK(error_of(needy.take()) == "503 insufficient_validity");
    w.time.advance(4s);
    CHECK(unlucky.received().empty());
    w.time.advance(2s);
    CHECK(error_of(unlucky.take()) == "503 unavailable");
    w.issuer.fails.reset();
    w.time.advance(19s);
    auto const answer = lucky.take();
    CHECK(answer.status == 200);
    CHECK(header_of(answer, "ETag") != tag);
  }

  TEST_CASE(
      "a token that is dropped ends the watch with its successor, or with why there is none") {
    api_world w;
    auto const tag = tag_of(w);
    auto& first = watch(w, watching(tag));
    w.request("DELETE", instance_path("/token"));
    w.time.advance(0s);
    CHECK(member_of(first.take(), "access_token") == "\"token-2\"");

    auto& second = watch(w, watching(tag_of(w)));
    w.issuer.fails = scripted_issuer::failure_of(core::failure_class::instance_blocked, "gone");
    w.request("DELETE", instance_path("/token"));
    w.time.advance(1s);
    CHECK(error_of(second.take()) == "502 instance_blocked");
  }

  TEST_CASE("an instance that is removed is unknown to its watchers, and is not made anew") {
    api_world w;
    auto& watcher = watch(w, watching(tag_of(w)));
    CHECK(w.request("DELETE", instance_path()).status == 204);
    CHECK(error_of(watcher.take()) == "404 unknown_instance");
    CHECK(w.engine.size() == 0);
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("a policy that has changed meanwhile is obeyed, whatever ends the watch") {
    api_world w;
    auto const tag = tag_of(w);
    auto& by_time = watch(w, watching(tag, "wait=5"));
    auto& by_token = watch(w, watching(tag));
    auto& by_removal = watch(w, watching(tag));
    w.policy = core::access_policy::own_user_and_root(0, 65534);
    w.time.advance(5s);
    CHECK(error_of(by_time.take()) == "403 access_denied");
    auto const generation = generation_of(tag);
    w.service.reject({app_number{0}, instance_id::parse(sample_id).value()}, generation, {});
    w.time.advance(0s);
    auto const answer = by_token.take();
    CHECK(error_of(answer) == "403 access_denied");
    CHECK(answer.body.find("token-2") == std::string::npos);
    CHECK(error_of(by_removal.take()) == "403 access_denied");
  }

  TEST_CASE("a daemon that stops confirms what is usable") {
    api_world w;
    auto const tag = tag_of(w);
    auto& watcher = watch(w, watching(tag));
    asio::co_spawn(w.loop, w.service.stop(), [](std::exception_ptr) {});
    w.time.settle();
    auto const answer = watcher.take();
    CHECK(answer.status == 304);
    CHECK(header_of(answer, "ETag") == tag);
    CHECK(w.get(instance_path("/token"), watching(tag)).status == 304);  // at once
  }

  TEST_CASE("a watcher that leaves is forgotten") {
    api_world w;
    auto const tag = tag_of(w);
    auto& leaving = watch(w, watching(tag));
    auto& broken = watch(w, watching(tag));
    CHECK(w.engine.waiters() == 2);
    leaving.leave();
    broken.reset();
    CHECK(w.engine.waiters() == 0);
    CHECK(w.server.connections() == 0);
    w.time.advance(2min);
    CHECK(w.issuer.calls == 1);
  }

  TEST_CASE("requests that are pipelined behind a watch are answered after it") {
    api_world w;
    auto const tag = tag_of(w);
    auto& client = watch(w, watching(tag, "wait=5"));
    client.send(request_text("GET", "/version"));
    CHECK(client.received().empty());
    w.time.advance(5s);
    CHECK(client.take().status == 304);
    CHECK(member_of(client.take(), "version") == "\"1.2.3\"");
  }

  TEST_CASE("thousands of watchers take no timer each, and one refresh tells them all at once") {
    api_world w{{}, roomy()};
    auto const tag = tag_of(w);
    auto const text = request_text("GET", instance_path("/token"), watching(tag));
    std::vector<api_client*> watchers;
    std::size_t timers = 0;
    for (int i = 0; i < 3'000; ++i) {
      watchers.push_back(&w.connect());
      watchers.back()->send(text);
      if (i == 0) timers = w.time.waits();
    }
    CHECK(w.engine.waiters() == watchers.size());
    CHECK(w.time.waits() == timers);
    replace(w, tag);
    std::size_t told = 0;
    for (auto* const watcher : watchers) {
      auto const answer = watcher->take();
      if (answer.status == 200 && member_of(answer, "access_token") == "\"token-2\"") ++told;
    }
    CHECK(told == watchers.size());
    CHECK(w.issuer.calls == 2);
    CHECK(w.engine.waiters() == 0);
  }
}

}  // namespace wixtokend::test
