#include "support/api_world.hpp"

#include <boost/asio/error.hpp>
#include <doctest/doctest.h>

#include <deque>
#include <string>

namespace wixtokend::test {
namespace {

auto const health = request_text("GET", "/healthz");

api::api_settings few_connections(std::size_t max, std::size_t per_uid_max) {
  auto settings = api_world::default_settings();
  settings.limits.connections_max = max;
  settings.limits.connections_per_uid_max = per_uid_max;
  return settings;
}

// A listener that gives out what a test puts in.
template <class Listener, class Arrival>
class scripted : public Listener {
 public:
  using script = std::deque<result<Arrival>>;
  scripted(event_loop& loop, script& next, bool& closed)
      : script_{next}, closed_{closed}, changed_{loop.get_executor()} {}

  task<result<Arrival>> accept() override {
    while (script_.empty() && !closed_) co_await changed_.wait();
    if (closed_) co_return errc::connection_closed;
    auto next = std::move(script_.front());
    script_.pop_front();
    co_return next;
  }
  void close() noexcept override {
    closed_ = true;
    changed_.set();
  }
  void ring() { changed_.set(); }

 private:
  script& script_;
  bool& closed_;
  event changed_;
};

using scripted_listener = scripted<net::unix_listener, net::accepted_unix_connection>;

// The same without a kernel's word for who it is.
class scripted_open_listener final
    : public scripted<net::tcp_listener, std::unique_ptr<net::byte_stream>> {
 public:
  using scripted::scripted;
  [[nodiscard]] std::uint16_t port() const noexcept override { return 9464; }
};

}  // namespace

TEST_SUITE("api.server") {
  TEST_CASE("a user with too many connections is told so, and others are served") {
    api_world w{{}, few_connections(10, 2)};
    w.connect();
    auto& second = w.connect();
    auto& third = w.connect();
    CHECK(w.server.connections_served() == 2);
    auto const answer = third.take();
    CHECK(answer.status == 429);
    CHECK(answer.body ==
          R"({"error":"too_many_connections","error_description":)"
          R"("Your user has too many open connections.","retryable":true,"retry_after":1})");
    CHECK(header_of(answer, "Retry-After") == "1");
    CHECK(header_of(answer, "X-Request-Id").size() == 16);
    CHECK(!answer.keep_alive);
    CHECK(third.ended());
    CHECK(w.server.counted().connections_refused == 1);
    CHECK(w.log.count("connection_refused") == 1);
    CHECK(w.connect(0).received().empty());

    second.leave();
    auto& fourth = w.connect();
    fourth.send(health);
    CHECK(fourth.take().status == 200);
  }

  TEST_CASE("when all places are taken everybody is told so") {
    api_world w{{}, few_connections(3, 3)};
    for (int i = 0; i < 3; ++i) w.connect();
    auto const answer = w.connect(0).take();
    CHECK(error_of(answer) == "503 server_full");
    CHECK(header_of(answer, "Retry-After") == "1");
  }

  TEST_CASE("those who are turned away get a second to read it, and only so many an answer") {
    api_world w{{}, few_connections(1, 1)};
    w.connect();
    for (int i = 0; i < 100; ++i) w.connect();
    int answered = 0;
    for (auto& client : w.clients) {
      if (!client.received().empty()) ++answered;
    }
    CHECK(answered == 64);
    CHECK(w.server.counted().connections_refused == 100);
    CHECK(w.log.count("connection_refused") == 1);  // a line a second
    w.time.advance(1s);
    auto& later = w.connect();
    CHECK(later.take().status == 503);
    CHECK(w.server.connections() == 1);
  }

  TEST_CASE("connections are accepted from a listener, with its roles") {
    api_world w;
    std::deque<result<net::accepted_unix_connection>> script;
    bool closed = false;
    auto listener = std::make_unique<scripted_listener>(w.loop, script, closed);
    auto& ring = *listener;
    w.server.listen(std::move(listener), {"ops", static_cast<core::role_set>(core::role::status)});
    auto [near, far] = memory_stream::make_pair(w.loop);
    net::peer from;
    from.uid = 1000;
    script.emplace_back(net::accepted_unix_connection{std::move(far), from});
    ring.ring();
    w.time.settle();
    auto& client = w.clients.emplace_back(w.loop, w.time, std::move(near));
    client.send(health);
    CHECK(client.take().status == 200);
    client.send(request_text("GET", instance_path()));
    CHECK(client.take().status == 403);
    CHECK(w.log.count("socket=ops") > 0);

    w.begin_stop(0s);
    CHECK(closed);
  }

  TEST_CASE("when descriptors run out it pauses, says so once, and goes on") {
    api_world w;
    std::deque<result<net::accepted_unix_connection>> script;
    bool closed = false;
    for (int i = 0; i < 5; ++i) script.emplace_back(error_code{asio::error::no_descriptors});
    auto [near, far] = memory_stream::make_pair(w.loop);
    script.emplace_back(net::accepted_unix_connection{std::move(far), {}});
    w.server.listen(std::make_unique<scripted_listener>(w.loop, script, closed), {"main"});
    w.time.settle();
    CHECK(script.size() == 5);
    w.time.advance(399ms);
    CHECK(w.server.connections() == 0);
    CHECK(w.log.count("accept_failed") == 1);
    w.time.advance(101ms);
    CHECK(w.server.connections() == 1);
  }

  TEST_CASE("at the end idle connections are closed and requests in progress answered") {
    api_world w;
    w.issuer.latency = 1s;
    auto& idle = w.connect();
    idle.send(health);
    CHECK(idle.take().keep_alive);
    auto& busy = w.connect();
    busy.send(request_text("GET", instance_path("/token")) + health);
    w.begin_stop(5s);
    CHECK(idle.ended());
    CHECK(!w.stopped);
    w.time.advance(1s);
    auto const answer = busy.take();
    CHECK(member_of(answer, "access_token") == "\"token-1\"");
    CHECK(!answer.keep_alive);
    w.time.advance(2s);
    CHECK(w.stopped);
    CHECK(w.server.connections() == 0);
  }

  TEST_CASE("a service that stops answers those who wait") {
    api_world w;
    w.issuer.hang = true;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token?wait=60")));
    w.begin_stop(5s);
    run_task(w.loop, w.service.stop());
    w.time.advance(1s);
    auto const answer = client.take();
    CHECK(error_of(answer) == "503 stopping");
    CHECK(header_of(answer, "Retry-After") == "1");
    CHECK(!answer.keep_alive);
  }

  TEST_CASE("a service that has stopped still gives out what is usable") {
    api_world w;
    w.get(instance_path("/token"));
    run_task(w.loop, w.service.stop());
    CHECK(w.get(instance_path("/token")).status == 200);
    CHECK(error_of(w.get("/v1/instances/7c1f0a94-83cb-4d0e-a1c5-54f2b9e6d310/token")) ==
          "503 stopping");
  }

  TEST_CASE("what is left after the grace is cut off, and that is logged") {
    api_world w;
    w.issuer.hang = true;
    auto& client = w.connect();
    client.send(request_text("GET", instance_path("/token?wait=60")));
    w.begin_stop(2s);
    w.time.advance(1999ms);
    CHECK(!w.stopped);
    w.time.advance(1ms);
    CHECK(w.stopped);
    CHECK(client.ended());
    CHECK(w.log.count("connections_cut connections=1") == 1);
    CHECK(w.engine.waiters() == 0);
  }

  TEST_CASE("who has just connected at the end is still answered, and waited for a moment only") {
    api_world w;
    auto& in_time = w.connect();
    auto& in_pieces = w.connect();
    auto& silent = w.connect();
    w.begin_stop(2s);
    CHECK(!w.stopped);
    in_time.send(health + health);
    auto const answer = in_time.take();
    CHECK(answer.status == 200);
    CHECK(!answer.keep_alive);
    in_pieces.send(health.substr(0, 10));
    w.time.advance(249ms);
    CHECK(in_time.ended());
    CHECK(!silent.ended());
    w.time.advance(1ms);
    CHECK(silent.ended());
    in_pieces.send(health.substr(10));
    CHECK(in_pieces.take().status == 200);
    w.time.advance(2s);
    CHECK(w.stopped);
    CHECK(w.log.count("connections_cut") == 0);
  }

  TEST_CASE("without newcomers and requests the end is there at once") {
    api_world w;
    auto& client = w.connect();
    client.send(health);
    client.take();
    w.begin_stop(2s);
    CHECK(client.ended());
    CHECK(w.stopped);
  }

  TEST_CASE("a request that is already in the socket at the end is answered") {
    api_world w;
    auto& client = w.connect();
    client.send_unseen(health);
    w.begin_stop(1s);
    auto const answer = client.take();
    CHECK(answer.status == 200);
    CHECK(!answer.keep_alive);
  }

  TEST_CASE("where anybody may connect only what is open is answered, whatever the policy grants") {
    api_world w;
    w.policy = core::access_policy{{{core::subject::user, 0xffffffff, core::all_roles}}, {}};
    scripted_open_listener::script script;
    bool closed = false;
    auto listener = std::make_unique<scripted_open_listener>(w.loop, script, closed);
    auto& ring = *listener;
    w.server.listen(std::move(listener), "metrics");
    auto const connect = [&]() -> api_client& {
      auto [near, far] = memory_stream::make_pair(w.loop);
      script.push_back(std::move(far));
      ring.ring();
      w.time.settle();
      return w.clients.emplace_back(w.loop, w.time, std::move(near));
    };
    auto const ask = [&](std::string const& method, std::string const& target) {
      auto& client = connect();
      client.send(request_text(method, target));
      w.time.advance(0s);
      auto const answer = client.take();
      client.leave();
      return error_of(answer);
    };
    for (auto const& call : api::all_routes()) {
      auto path = std::string{call.path};
      if (auto const at = path.find("{id}"); at != std::string::npos) {
        path.replace(at, 4, sample_id);
      }
      auto const wanted = call.open ? "200 " : "404 unknown_path";
      CHECK_MESSAGE(ask(std::string{call.method}, path) == wanted, call.method, ' ', path);
    }
    CHECK(ask("GET", "/v1/apps/main/instances") == "404 unknown_path");
    CHECK(w.issuer.calls == 0);

    // They have places of their own, and few.
    for (int i = 0; i < 32; ++i) connect();
    auto const answer = connect().take();
    CHECK(error_of(answer) == "429 too_many_connections");
    w.begin_stop(0s);
    CHECK(closed);
  }
}

}  // namespace wixtokend::test
