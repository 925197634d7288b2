#include "wix/client.hpp"

#include "support/run_task.hpp"
#include "support/virtual_time.hpp"
#include "support/wix_samples.hpp"
#include "wix/json_reading.hpp"
#include "wix/oauth.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

using namespace wixtokend;
using namespace std::chrono_literals;

namespace {

auto const asked = instance_id::parse(test::sample_instance).value();

service::mint_request request(core::grant how = core::grant::client_credentials,
                              std::string_view credential = {}) {
  service::mint_request made;
  made.instance = asked;
  made.how = how;
  made.credential = secret{credential};
  return made;
}

// What the fake upstream does with one request.
struct scripted_exchange {
  std::optional<net::exchange_error> error;
  http::response answer;
  duration until_sent{};      // waiting for a connection
  duration until_answered{};  // after the sending; `never` hangs
};

// Plays a script instead of an upstream, and keeps the contract of `http_client`: it ends at the
// limit, and announces the sending once.
class scripted_http final : public net::http_client {
 public:
  explicit scripted_http(time_source& time) : time_{time} {}

  task<boost::system::result<http::response, net::exchange_error>> exchange(
      http::request message, instant limit, std::function<void()> sent) override {
    requests.push_back(std::move(message));
    limits.push_back(limit - time_.now());
    auto play = std::move(script.front());
    script.pop_front();

    co_await time_.sleep_until(time_.now() + play.until_sent);
    if (!play.error.has_value() || play.error->request_sent) sent();
    auto const answered = saturating_add(time_.now(), play.until_answered);
    co_await time_.sleep_until(std::min(answered, limit));
    if (answered > limit) co_return net::exchange_error{errc::timed_out, true};
    if (play.error.has_value()) co_return *play.error;
    co_return play.answer;
  }
  void close_idle() noexcept override {}

  std::deque<scripted_exchange> script;
  std::vector<http::request> requests;
  std::vector<duration> limits;

 private:
  time_source& time_;
};

class recording_log final : public observe::logger {
 public:
  [[nodiscard]] bool enabled(observe::log_level) const noexcept override { return true; }
  void write(observe::log_level level, std::string_view event,
             std::initializer_list<observe::log_field> fields) noexcept override {
    lines.emplace_back(level == observe::log_level::warning ? "warning " : "info ").append(event);
    for (auto const& field : fields) lines.back().append(" ").append(field.value);
  }
  std::vector<std::string> lines;
};

struct named_category final : boost::system::error_category {
  explicit named_category(char const* name) : name_{name} {}
  char const* name() const noexcept override { return name_; }
  std::string message(int) const override { return "certificate has expired"; }
  char const* name_;
};

struct world {
  explicit world(duration legacy_life = wix::life_assumed)
      : client{time, http, net::parse_origin("https://www.wixapis.com/proxied").value(),
               wix::app_credentials{"the-app", secret{test::sample_secret}, legacy_life}, log} {}

  event_loop loop;
  test::virtual_time time{loop};
  scripted_http http{time};
  recording_log log;
  wix::client client;

  // Plays the exchange and mints.
  std::variant<core::minted, core::failure> mint(scripted_exchange play) {
    http.script.push_back(std::move(play));
    return run(client.mint(request()));
  }
  core::failure failed_mint(net::exchange_error error) {
    scripted_exchange play;
    play.error = error;
    return std::get<core::failure>(mint(std::move(play)));
  }
  template <class T>
  T run(task<T> work) {
    std::optional<T> value;
    asio::co_spawn(loop, test::detail::store(std::move(work), value),
                   [](std::exception_ptr thrown) {
                     if (thrown) std::rethrow_exception(thrown);
                   });
    while (!value.has_value() && time.step()) {
    }
    REQUIRE(value.has_value());
    return std::move(*value);
  }
};

scripted_exchange answered(unsigned status, std::string body) {
  scripted_exchange play;
  play.answer.status = status;
  play.answer.body = std::move(body);
  return play;
}

scripted_exchange answered_on(std::string date) {
  auto play = answered(500, "");
  play.answer.headers.add("Date", std::move(date));
  return play;
}

}  // namespace

TEST_SUITE("wix.client") {
  TEST_CASE("a mint is one JSON POST below the base path, with the secret in it once (U-1, U-5)") {
    world w;
    auto const result = w.mint(answered(200, test::mint_answer("the-token")));
    REQUIRE(std::holds_alternative<core::minted>(result));
    CHECK(std::get<core::minted>(result).token == secret{"the-token"});

    REQUIRE(w.http.requests.size() == 1);
    auto const& request = w.http.requests[0];
    CHECK(request.method == "POST");
    CHECK(request.target == "/proxied/oauth2/token");
    CHECK(request.headers.find("content-type") == "application/json");
    CHECK_FALSE(request.headers.contains("authorization"));
    CHECK(request.body.find(test::sample_secret) == request.body.rfind(test::sample_secret));
    auto const body = wix::parse_object(request.body);
    REQUIRE(body.has_value());
    CHECK(wix::string_at(*body, "client_id") == "the-app");
    CHECK(wix::string_at(*body, "client_secret") == test::sample_secret);
    CHECK(wix::string_at(*body, "instance_id") == test::sample_instance);
    for (auto const& [name, value] : request.headers) {
      CHECK(value.find(test::sample_secret) == std::string::npos);
    }
  }

  TEST_CASE("a life counts from the sending, neither from the call nor from the answer (U-18)") {
    world w;
    auto const called = w.time.now();
    auto play = answered(200, test::mint_answer("the-token", "600"));
    play.until_sent = 3s;
    play.until_answered = 4s;
    auto const result = w.mint(std::move(play));
    REQUIRE(std::holds_alternative<core::minted>(result));
    CHECK(std::get<core::minted>(result).sent == called + 3s);
    CHECK(std::get<core::minted>(result).expires_at == called + 603s);
    CHECK(w.time.now() == called + 7s);
  }

  TEST_CASE("a short life that is over when the slow answer comes is no token") {
    world w;
    auto play = answered(200, test::mint_answer("the-token", "5"));
    play.until_answered = 6s;
    auto const result = w.mint(std::move(play));
    REQUIRE(std::holds_alternative<core::failure>(result));
    CHECK(std::get<core::failure>(result).code == "life_too_short");
  }

  TEST_CASE("a call that has no answer after ten seconds has failed") {
    world w;
    auto const called = w.time.now();
    scripted_exchange hang;
    hang.until_answered = 24h;
    auto const result = w.mint(std::move(hang));
    REQUIRE(std::holds_alternative<core::failure>(result));
    auto const& failed = std::get<core::failure>(result);
    CHECK(w.http.limits[0] == duration{10s});
    CHECK(w.time.now() == called + 10s);
    CHECK(failed.kind == core::failure_class::transient);
    CHECK(failed.status == 0);
    CHECK(failed.code == "timeout");
    CHECK(failed.message ==
          "POST https://www.wixapis.com:443/proxied/oauth2/token: no answer in time");
  }

  TEST_CASE("each transport failure is transient, has a code, and names the endpoint (U-53)") {
    namespace sys = boost::system;
    named_category const certificate{"certificate"};
    named_category const tls{"tls"};
    named_category const other{"other"};
    auto const refused = sys::errc::make_error_code(sys::errc::connection_refused);
    auto const reset = sys::errc::make_error_code(sys::errc::connection_reset);
    struct row {
      net::exchange_error error;
      char const* code;
    };
    for (auto const& row : std::vector<row>{
             {{errc::timed_out, false}, "timeout"},
             {{errc::timed_out, true}, "timeout"},
             {{errc::name_not_found, false}, "name_not_found"},
             {{errc::no_address, false}, "name_not_found"},
             {{errc::tls_setup, false}, "tls_failed"},
             {{error_code{10, certificate}, false}, "tls_failed"},
             {{error_code{10, tls}, false}, "tls_failed"},
             {{error_code{10, tls}, true}, "tls_failed"},
             {{error_code{10, other}, false}, "connect_failed"},
             {{refused, false}, "connect_failed"},
             {{errc::connection_closed, false}, "connect_failed"},
             {{errc::connection_closed, true}, "connection_lost"},
             {{reset, true}, "connection_lost"},
             {{errc::malformed_message, true}, "malformed_reply"},
             {{errc::header_too_large, true}, "malformed_reply"},
             {{errc::body_too_large, true}, "malformed_reply"},
         }) {
      world w;
      auto const failed = w.failed_mint(row.error);
      CAPTURE(row.error.reason.message());
      CHECK(failed.kind == core::failure_class::transient);
      CHECK(failed.status == 0);
      CHECK(failed.code == row.code);
      CHECK(failed.message ==
            "POST https://www.wixapis.com:443/proxied/oauth2/token: " + row.error.reason.message());
      CHECK_FALSE(failed.retry_after.has_value());
    }
  }

  TEST_CASE("an answer that is a failure is classified, and an echoed secret masked") {
    world w;
    auto const result = w.mint(answered(401, R"({"error":"invalid_client","error_description":")" +
                                                 std::string{test::sample_secret} + R"("})"));
    REQUIRE(std::holds_alternative<core::failure>(result));
    CHECK(std::get<core::failure>(result).kind == core::failure_class::app_refused);
    CHECK(std::get<core::failure>(result).message == "[redacted]");
  }

  TEST_CASE("a new secret is used by the next mint, while one under way masks the old one") {
    world w;
    auto play = answered(400, R"({"error":")" + std::string{test::sample_secret} + R"("})");
    play.until_answered = 2s;
    w.http.script.push_back(std::move(play));
    w.http.script.push_back(answered(200, test::mint_answer("t")));

    std::optional<std::variant<core::minted, core::failure>> first;
    asio::co_spawn(w.loop, test::detail::store(w.client.mint(request()), first), [](auto) {});
    w.time.advance(1s);
    w.client.replace_secret(secret{"another-secret"});
    w.time.advance(1s);
    REQUIRE(first.has_value());
    CHECK(std::get<core::failure>(*first).code == "[redacted]");

    w.run(w.client.mint(request()));
    REQUIRE(w.http.requests.size() == 2);
    CHECK(w.http.requests[0].body.find(test::sample_secret) != std::string::npos);
    CHECK(w.http.requests[1].body.find(test::sample_secret) == std::string::npos);
    CHECK(w.http.requests[1].body.find("another-secret") != std::string::npos);
  }

  TEST_CASE(
      "legacy grants are POSTs to their own path, with the configured life (U-2, U-3, U-25)") {
    struct row {
      core::grant how;
      char const* grant_type;
      char const* field;
    };
    for (auto const& row :
         std::vector<row>{{core::grant::authorization_code, "authorization_code", "code"},
                          {core::grant::refresh_token, "refresh_token", "refresh_token"}}) {
      world w{200s};
      w.http.script.push_back(answered(200, R"({"access_token":"a","refresh_token":"new"})"));
      auto const result = w.run(w.client.mint(request(row.how, "the-credential")));
      REQUIRE(std::holds_alternative<core::minted>(result));
      auto const& minted = std::get<core::minted>(result);
      CHECK(minted.refresh_token == secret{"new"});
      CHECK(minted.expires_at - minted.sent == 200s);
      CHECK(minted.life_assumed);

      REQUIRE(w.http.requests.size() == 1);
      CHECK(w.http.requests[0].target == "/proxied/oauth/access");
      auto const body = wix::parse_object(w.http.requests[0].body);
      REQUIRE(body.has_value());
      CHECK(body->size() == 4);
      CHECK(wix::string_at(*body, "grant_type") == row.grant_type);
      CHECK(wix::string_at(*body, "client_id") == "the-app");
      CHECK(wix::string_at(*body, "client_secret") == test::sample_secret);
      CHECK(wix::string_at(*body, row.field) == "the-credential");
    }
  }

  TEST_CASE("what an answer echoes of a code is masked, and a transport failure names the path") {
    world w;
    w.http.script.push_back(answered(400, R"({"errorDescription":"a-code-of-ours - bad_code"})"));
    auto const how = core::grant::authorization_code;
    auto const result = w.run(w.client.mint(request(how, "a-code-of-ours")));
    REQUIRE(std::holds_alternative<core::failure>(result));
    CHECK(std::get<core::failure>(result).kind == core::failure_class::instance_blocked);
    CHECK(std::get<core::failure>(result).code == "bad_code");
    CHECK(std::get<core::failure>(result).message == "[redacted] - bad_code");

    scripted_exchange refused;
    refused.error = net::exchange_error{errc::connection_closed, true};
    w.http.script.push_back(refused);
    auto const lost = w.run(w.client.mint(request(how, "a-code-of-ours")));
    REQUIRE(std::holds_alternative<core::failure>(lost));
    CHECK(std::get<core::failure>(lost).code == "connection_lost");
    CHECK(std::get<core::failure>(lost).message.find("/proxied/oauth/access: ") !=
          std::string::npos);
  }

  TEST_CASE("Token Info sends the token and nothing else (U-4, U-31)") {
    world w;
    w.http.script.push_back(answered(200, R"({"active":"true","clientId":"the-app"})"));
    auto const result = w.run(w.client.info(secret{"the-token"}));
    REQUIRE(std::holds_alternative<service::token_info>(result));
    CHECK(std::get<service::token_info>(result).active);
    REQUIRE(w.http.requests.size() == 1);
    CHECK(w.http.requests[0].target == "/proxied/oauth2/token-info");
    CHECK(w.http.requests[0].body == R"({"token":"the-token"})");
    CHECK_FALSE(w.http.requests[0].headers.contains("authorization"));

    scripted_exchange refused;
    refused.error = net::exchange_error{errc::connection_closed, false};
    w.http.script.push_back(refused);
    auto const failed = w.run(w.client.info(secret{"the-token"}));
    REQUIRE(std::holds_alternative<core::failure>(failed));
    CHECK(std::get<core::failure>(failed).code == "connect_failed");
  }

  TEST_CASE("a local clock that is off is one warning, and one line when it is right (U-20)") {
    world w;  // it is 2026-01-01T00:00:00Z
    CHECK_FALSE(w.client.last_clock_offset().has_value());
    w.mint(answered_on("Wed, 31 Dec 2025 23:59:00 GMT"));  // 60 s ahead: tolerated
    CHECK(w.client.last_clock_offset() == 60s);
    CHECK(w.log.lines.empty());

    w.mint(answered_on("Wed, 31 Dec 2025 23:58:59 GMT"));
    w.mint(answered_on("Wed, 31 Dec 2025 23:50:00 GMT"));
    w.mint(answered(500, ""));  // says nothing of the time
    CHECK(w.client.last_clock_offset() == 600s);
    REQUIRE(w.log.lines.size() == 1);
    CHECK(w.log.lines[0] == "warning local_clock_off https://www.wixapis.com:443 61 s");

    w.mint(answered_on("Thu, 01 Jan 2026 00:00:02 GMT"));
    w.mint(answered_on("Thu, 01 Jan 2026 00:00:00 GMT"));
    REQUIRE(w.log.lines.size() == 2);
    CHECK(w.log.lines[1] == "info local_clock_right https://www.wixapis.com:443");

    w.mint(answered_on("Thu, 01 Jan 2026 01:00:00 GMT"));  // now it is behind
    REQUIRE(w.log.lines.size() == 3);
    CHECK(w.log.lines[2] == "warning local_clock_off https://www.wixapis.com:443 -3600 s");
  }

  TEST_CASE("a cancelled call abandons its request") {
    world w;
    scripted_exchange hang;
    hang.until_answered = 24h;
    w.http.script.push_back(std::move(hang));
    asio::cancellation_signal stop;
    std::exception_ptr thrown;
    std::optional<std::variant<core::minted, core::failure>> value;
    auto work = test::detail::store(w.client.mint(request()), value);
    asio::co_spawn(w.loop, std::move(work),
                   asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr failure) {
                     thrown = std::move(failure);
                   }));
    w.time.advance(1s);
    CHECK(w.time.waits() == 1);
    stop.emit(asio::cancellation_type::terminal);
    w.time.settle();
    CHECK(thrown != nullptr);
    CHECK_FALSE(value.has_value());
    CHECK(w.time.waits() == 0);
  }
}
