#include "api/errors.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace wixtokend::api {
namespace {

using namespace std::chrono_literals;
using core::refusal_reason;

core::refusal refused(refusal_reason reason) {
  core::refusal made;
  made.reason = reason;
  return made;
}

core::failure failed(core::failure_class kind, unsigned status) {
  return {kind, status, "some_code", "some \"message\"", "req-7", std::nullopt};
}

}  // namespace

TEST_SUITE("api.errors") {
  TEST_CASE("every fault has a code of its own, a 4xx or 5xx status and a sentence") {
    std::set<std::string_view> codes;
    for (auto const& one : fault_table) {
      CHECK_MESSAGE(codes.insert(one.code).second, std::string{one.code});
      CHECK(one.code.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == one.code.npos);
      CHECK(one.status >= 400);
      CHECK(one.status < 600);
      CHECK(one.status != 500);
      CHECK(!http::reason_phrase(one.status).empty());
      CHECK(one.description.ends_with("."));
    }
  }

  TEST_CASE("docs/api.md lists every code with its status") {
    std::ifstream file{WIXTOKEND_SOURCE_DIR "/docs/api.md"};
    std::string const page{std::istreambuf_iterator<char>{file}, {}};
    for (auto const& one : fault_table) {
      auto const row = "| " + std::to_string(one.status) + " | `" + std::string{one.code} + "` | " +
                       (one.retryable ? "yes" : "no") + " |";
      CHECK_MESSAGE(page.find(row) != page.npos, row);
    }
  }

  TEST_CASE("each refusal of the engine has its answer") {
    auto const is = [](refusal_reason reason, fault what) {
      return to_problem(refused(reason)).what == what;
    };
    CHECK(is(refusal_reason::unknown_instance, fault::unknown_instance));
    CHECK(is(refusal_reason::instance_blocked, fault::instance_blocked));
    CHECK(is(refusal_reason::app_refused, fault::app_refused));
    CHECK(is(refusal_reason::impossible_validity, fault::impossible_validity));
    CHECK(is(refusal_reason::insufficient_validity, fault::insufficient_validity));
    CHECK(is(refusal_reason::unavailable, fault::unavailable));
    CHECK(is(refusal_reason::wait_ended, fault::wait_ended));
    CHECK(is(refusal_reason::hold_off, fault::rejection_hold_off));
    CHECK(is(refusal_reason::too_many, fault::limit_reached));
    CHECK(is(refusal_reason::stopping, fault::stopping));
  }

  TEST_CASE("an instance that the upstream does not know is 404, one that it refuses is 502") {
    auto blocked = refused(refusal_reason::instance_blocked);
    blocked.upstream = failed(core::failure_class::instance_blocked, 404);
    CHECK(to_answer(to_problem(blocked)).status == 404);
    blocked.upstream->status = 403;
    CHECK(to_answer(to_problem(blocked)).status == 502);
  }

  TEST_CASE("a failed call of the caller's own is told by its class") {
    using core::failure_class;
    CHECK(to_problem(failed(failure_class::transient, 500)).what == fault::unavailable);
    CHECK(to_problem(failed(failure_class::throttled, 429)).what == fault::unavailable);
    CHECK(to_problem(failed(failure_class::app_refused, 401)).what == fault::app_refused);
    CHECK(to_problem(failed(failure_class::instance_blocked, 400)).what == fault::instance_blocked);
    CHECK(to_problem(failed(failure_class::instance_blocked, 404)).what == fault::unknown_upstream);

    auto throttled = failed(failure_class::throttled, 429);
    throttled.retry_after = 30s;
    CHECK(to_problem(throttled).retry_after == 30s);
  }

  TEST_CASE("an answer has the code, a sentence and whether to try again") {
    problem const found{.what = fault::unknown_path};
    auto const answer = to_answer(found);
    CHECK(answer.status == 404);
    CHECK(answer.headers.find("Content-Type") == "application/json");
    CHECK(answer.headers.find("Cache-Control") == "no-store");
    CHECK(!answer.headers.contains("Retry-After"));
    CHECK(answer.body == R"({"error":"unknown_path","error_description":"There is no such call.",)"
                         R"("retryable":false})");
  }

  TEST_CASE("a sentence of its own replaces the table's") {
    problem const found{.what = fault::invalid_parameter, .description = "It is \"odd\"."};
    CHECK(to_answer(found).body ==
          R"({"error":"invalid_parameter","error_description":"It is \"odd\".",)"
          R"("retryable":false})");
  }

  TEST_CASE("429 and 503 always say when to come again, others only when it is known") {
    problem found{.what = fault::unavailable};
    CHECK(to_answer(found).headers.find("Retry-After") == "1");
    CHECK(to_answer(found).body.find(R"("retryable":true,"retry_after":1)") != std::string::npos);
    found.retry_after = 1500ms;
    CHECK(to_answer(found).headers.find("Retry-After") == "2");
    found.retry_after = 90s;
    CHECK(to_answer(found).headers.find("Retry-After") == "90");
    CHECK(to_answer(found).body.find(R"("retry_after":90)") != std::string::npos);

    found = {.what = fault::rejection_hold_off, .retry_after = 9001ms};
    CHECK(to_answer(found).headers.find("Retry-After") == "10");
    found = {.what = fault::wait_ended};
    CHECK(!to_answer(found).headers.contains("Retry-After"));
    found = {.what = fault::instance_blocked, .retry_after = 4s};
    CHECK(to_answer(found).headers.find("Retry-After") == "4");
  }

  TEST_CASE("a demand that cannot be met says what can be, rounded down") {
    auto impossible = refused(refusal_reason::impossible_validity);
    impossible.max_min_valid = 7999ms;
    auto const answer = to_answer(to_problem(impossible));
    CHECK(answer.status == 422);
    CHECK(answer.body.find(R"("max_min_valid":7})") != std::string::npos);
    CHECK(to_answer(to_problem(refused(refusal_reason::unavailable))).body.find("max_min") ==
          std::string::npos);
  }

  TEST_CASE("what the upstream said goes along") {
    auto unavailable = refused(refusal_reason::unavailable);
    unavailable.upstream = failed(core::failure_class::transient, 500);
    CHECK(to_answer(to_problem(unavailable)).body ==
          R"({"error":"unavailable","error_description":"There is no usable token, and none could )"
          R"(be obtained in time.","retryable":true,"retry_after":1,"upstream":{"status":500,)"
          R"("code":"some_code","message":"some \"message\"","request_id":"req-7"}})");
  }

  TEST_CASE("a wrong method says which there are") {
    problem const found{.what = fault::method_not_allowed, .allow = "GET, HEAD"};
    CHECK(to_answer(found).headers.find("Allow") == "GET, HEAD");
  }
}

}  // namespace wixtokend::api
