#include "emulator/session.hpp"

#include "async/task_group.hpp"
#include "emulator/emulator_world.hpp"
#include "support/memory_stream.hpp"
#include "support/recording_logger.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/error.hpp>
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;
using emulator::route;
using test::emulator_world;
namespace json = boost::json;

namespace {

std::string mint_request(std::string const& extra_headers = {}) {
  auto const body = json::serialize(emulator_world::credentials());
  return "POST /oauth2/token HTTP/1.1\r\nHost: www.wixapis.com\r\n" + extra_headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string request(std::string const& method, std::string const& target,
                    std::string const& body = {}) {
  return method + " " + target +
         " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

// One session and its client's end of the connection.
struct session_world {
  event_loop loop{1};
  test::virtual_time time{loop};
  test::recording_logger log;
  emulator::upstream_state state{emulator_world::two_apps(), emulator::settings{}, 3, time.now()};
  task_group running{loop.get_executor(),
                     [](std::exception_ptr const& failure) { std::rethrow_exception(failure); }};
  std::unique_ptr<test::memory_stream> client;
  std::unique_ptr<emulator::session> served;

  explicit session_world(bool control_allowed = true) {
    auto ends = test::memory_stream::make_pair(loop);
    client = std::move(ends.first);
    emulator::surroundings const around{state, time, log};
    served = std::make_unique<emulator::session>(around, std::move(ends.second), control_allowed);
    running.spawn(served->run());
    time.settle();
  }
  session_world(session_world const&) = delete;
  session_world& operator=(session_world const&) = delete;
  ~session_world() {
    running.stop();
    time.settle();
  }

  void send(std::string_view bytes) {
    running.spawn(send_all(std::string{bytes}));
    time.settle();
  }

  task<> send_all(std::string bytes) {
    [[maybe_unused]] auto const sent = co_await client->write_all(bytes);
  }

  // All that has come, which is taken.
  std::string received() {
    std::string taken;
    while (!client->pending().empty()) {
      running.spawn(take(taken));
      time.settle();
    }
    return taken;
  }

  task<> take(std::string& into) {
    std::array<char, 4096> part{};
    std::span<char> const space{part};
    auto const size = co_await client->read_some(space);
    if (size.has_value()) into.append(part.data(), *size);
  }

  // How the next read of the client ends: its error, or nothing at the end of the stream.
  error_code end() {
    error_code reason;
    running.spawn(read_end(reason));
    time.settle();
    return reason;
  }

  task<> read_end(error_code& reason) {
    std::array<char, 16> part{};
    std::span<char> const space{part};
    auto const size = co_await client->read_some(space);
    if (!size.has_value()) reason = size.error();
  }

  std::vector<http::response> responses() {
    std::vector<http::response> all;
    http::response_decoder decoder{http::limits{}};
    auto const bytes = received();
    std::string_view left = bytes;
    while (!left.empty()) {
      auto const taken = decoder.feed(left);
      REQUIRE(taken.has_value());
      left.remove_prefix(*taken);
      REQUIRE(decoder.complete());
      all.push_back(decoder.take());
    }
    return all;
  }

  void script(std::string const& faults) {
    send(request("POST", "/__control/faults", faults));
    auto const answers = responses();
    REQUIRE(answers.size() == 1);
    REQUIRE(answers[0].status == 201);
  }

  emulator::counters::totals const& minted() const { return state.counted.of(route::token); }
};

}  // namespace

TEST_SUITE("emulator.session") {
  TEST_CASE("requests on one connection are answered one after the other") {
    session_world w;
    for (int i = 0; i < 3; ++i) {
      w.send(mint_request());
      auto const answers = w.responses();
      REQUIRE(answers.size() == 1);
      CHECK(answers[0].status == 200);
      CHECK(answers[0].keep_alive);
    }
    CHECK(w.minted().by_status.at(200) == 3);
    CHECK(w.minted().in_flight == 0);
    CHECK_FALSE(w.client->ended());
  }

  TEST_CASE("pipelined requests, and requests in pieces of any size, are answered in order") {
    session_world w;
    w.send(mint_request() + request("GET", "/oauth2/token") + mint_request());
    auto const answers = w.responses();
    REQUIRE(answers.size() == 3);
    CHECK(answers[0].status == 200);
    CHECK(answers[1].status == 405);
    CHECK(answers[2].status == 200);

    for (char const c : mint_request()) w.send({&c, 1});
    CHECK(w.responses().at(0).status == 200);
  }

  TEST_CASE("a client that wants to close is told so and closed") {
    session_world w;
    w.send(mint_request("Connection: close\r\n"));
    auto const answers = w.responses();
    REQUIRE(answers.size() == 1);
    CHECK_FALSE(answers[0].keep_alive);
    CHECK(w.client->ended());
  }

  TEST_CASE("an answer to HEAD has a length but no body") {
    session_world w;
    w.send("HEAD /x HTTP/1.1\r\nHost: x\r\n\r\n");
    auto const bytes = w.received();
    CHECK(bytes.starts_with("HTTP/1.1 401 "));
    CHECK(bytes.find("Content-Length: 42\r\n") != std::string::npos);
    CHECK(bytes.ends_with("\r\n\r\n"));
  }

  TEST_CASE("a client that expects 100 Continue gets it once") {
    session_world w;
    auto const whole = mint_request("Expect: 100-continue\r\n");
    auto const head = whole.find("\r\n\r\n") + 4;
    w.send(whole.substr(0, head));
    CHECK(w.received() == "HTTP/1.1 100 Continue\r\n\r\n");
    w.send(whole.substr(head, 10));
    CHECK(w.received().empty());
    w.send(whole.substr(head + 10));
    CHECK(w.responses().at(0).status == 200);
  }

  TEST_CASE("a delayed answer comes at its instant, and is in flight until then") {
    session_world w;
    w.script(R"({"delay_ms":500,"times":1})");
    w.send(mint_request());
    w.time.advance(499ms);
    CHECK(w.received().empty());
    CHECK(w.minted().in_flight == 1);
    w.time.advance(1ms);
    CHECK(w.responses().at(0).status == 200);
    CHECK(w.minted().in_flight == 0);
  }

  TEST_CASE("a hanging request is never answered, and ends when the client closes") {
    session_world w;
    w.script(R"({"kind":"hang"})");
    w.send(mint_request());
    w.time.advance(24h);
    CHECK(w.received().empty());
    CHECK_FALSE(w.client->ended());
    w.send("more bytes that nobody reads");
    CHECK(w.minted().in_flight == 1);

    w.client->close();
    w.time.settle();
    CHECK(w.minted().in_flight == 0);
    CHECK(w.minted().unanswered == 1);
    CHECK(w.running.size() == 0);
  }

  TEST_CASE("a shutdown ends a hanging and a delayed request at once") {
    for (auto const* const fault : {R"({"kind":"hang"})", R"({"delay_ms":60000})"}) {
      session_world w;
      w.script(fault);
      w.send(mint_request());
      REQUIRE(w.running.size() == 1);
      w.running.stop();
      w.time.settle();
      CHECK(w.running.size() == 0);
      CHECK(w.minted().in_flight == 0);
      CHECK(w.minted().unanswered == 1);
    }
  }

  TEST_CASE("a reset shows at the client as a reset") {
    session_world w;
    w.script(R"({"kind":"reset"})");
    w.send(mint_request());
    CHECK(w.end() == asio::error::connection_reset);
    CHECK(w.minted().unanswered == 1);
  }

  TEST_CASE("a closed answer has its head and half of its body, or as much as was asked for") {
    session_world w;
    w.script(R"({"kind":"close"})");
    w.send(mint_request());
    auto const bytes = w.received();
    auto const head = bytes.find("\r\n\r\n") + 4;
    CHECK(bytes.starts_with("HTTP/1.1 200 OK\r\n"));
    CHECK(bytes.size() - head == 390);  // of 780
    CHECK(w.client->ended());

    session_world short_one;
    short_one.script(R"({"kind":"close","after_bytes":9})");
    short_one.send(mint_request());
    CHECK(short_one.received() == "HTTP/1.1 ");

    session_world empty;
    empty.script(R"({"kind":"close","after_bytes":0})");
    empty.send(mint_request());
    CHECK(empty.received().empty());
    CHECK(empty.client->ended());
    CHECK_FALSE(empty.end());
  }

  TEST_CASE("an empty body and an HTML page are sent as they are") {
    session_world w;
    w.script(R"([{"kind":"error","status":403,"shape":"empty","times":1},
                 {"kind":"error","status":502,"shape":"html","times":1}])");
    w.send(mint_request() + mint_request());
    auto const answers = w.responses();
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].status == 403);
    CHECK(answers[0].body.empty());
    CHECK_FALSE(answers[0].headers.contains("content-type"));
    CHECK(answers[1].body.starts_with("<!DOCTYPE html>"));
  }

  TEST_CASE("bytes that are no request are refused, counted, and the connection is closed") {
    session_world w;
    w.send("this is not HTTP\r\n\r\n");
    auto const answers = w.responses();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].status == 400);
    CHECK(answers[0].headers.contains("x-wix-request-id"));
    CHECK(w.client->ended());
    CHECK(w.state.counted.connections().malformed == 1);
    w.client->close();
    w.time.settle();
    CHECK(w.running.size() == 0);
  }

  TEST_CASE("a head or a body that is too large is refused, and what follows is read for a while") {
    session_world large_body;
    large_body.send("POST /oauth2/token HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n");
    CHECK(large_body.responses().at(0).status == 413);
    large_body.send(std::string(100'000, 'x'));
    CHECK(large_body.running.size() == 1);  // still reading
    large_body.time.advance(2s);
    CHECK(large_body.running.size() == 0);

    session_world large_head;
    large_head.send("GET / HTTP/1.1\r\nHost: x\r\nX: " + std::string(40'000, 'x'));
    CHECK(large_head.responses().at(0).status == 431);
  }

  TEST_CASE("a client that goes away in the middle of a request is not counted") {
    session_world w;
    w.send(mint_request().substr(0, 50));
    w.client->close();
    w.time.settle();
    CHECK(w.running.size() == 0);
    CHECK(w.minted().requests == 0);
    CHECK(w.state.counted.connections().malformed == 0);
  }

  TEST_CASE("only a connection that is idle for long enough is closed") {
    session_world w;
    auto const start = w.time.now();
    w.served->close_if_idle_since(start);
    w.time.settle();
    CHECK_FALSE(w.client->ended());

    w.script(R"({"kind":"hang","times":1})");
    w.time.advance(10s);
    w.send(mint_request());
    w.served->close_if_idle_since(w.time.now() + 1h);  // busy: never
    w.time.settle();
    CHECK_FALSE(w.client->ended());

    session_world idle;
    idle.time.advance(10s);
    idle.served->close_if_idle_since(idle.time.now() - 9s);
    idle.time.settle();
    CHECK(idle.client->ended());
    CHECK(idle.running.size() == 0);
  }

  TEST_CASE("control is refused on a connection that may not use it") {
    session_world w{false};
    w.send(request("POST", "/__control/faults", R"({"kind":"hang"})"));
    CHECK(w.responses().at(0).status == 403);
    w.send(mint_request());
    CHECK(w.responses().at(0).status == 200);
  }

  TEST_CASE("no log line has a secret or a token, not even at the most talkative level") {
    session_world w;
    w.send(mint_request());
    auto const token = emulator_world::text(w.responses().at(0), "access_token");
    w.send("GET /x?code=hidden HTTP/1.1\r\nHost: x\r\nAuthorization: " + token + "\r\n\r\n");
    w.send("bad\r\n\r\n");
    CHECK(w.log.count("path=/oauth2/token") == 1);
    CHECK(w.log.count("path=/x") == 1);
    CHECK(w.log.count("request_refused") == 1);
    CHECK(w.log.count(test::secret_a) == 0);
    CHECK(w.log.count(token) == 0);
    CHECK(w.log.count("hidden") == 0);
  }
}
