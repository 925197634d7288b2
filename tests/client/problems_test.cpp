#include "client/problems.hpp"

#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <stdexcept>
#include <string>

namespace wixtoken::detail {
namespace {

answer refusal(unsigned status, std::string const& members) {
  answer out;
  out.status = status;
  out.request_id = "req-7";
  out.body = "{" + members + "}";
  return out;
}

TEST_SUITE("client.problems") {
  TEST_CASE("each refusal of the daemon has its kind") {
    struct {
      unsigned status;
      char const* code;
      error_kind kind;
    } const cases[] = {
        {400, "invalid_instance_id", error_kind::invalid},
        {403, "access_denied", error_kind::denied},
        {404, "unknown_instance", error_kind::unknown},
        {404, "unknown_app", error_kind::unknown},
        {404, "unknown_path", error_kind::protocol},
        {405, "method_not_allowed", error_kind::protocol},
        {408, "request_timeout", error_kind::unavailable},
        {409, "grant_conflict", error_kind::conflict},
        {413, "body_too_large", error_kind::invalid},
        {422, "impossible_validity", error_kind::invalid},
        {429, "limit_reached", error_kind::unavailable},
        {502, "app_refused", error_kind::refused_by_wix},
        {503, "unavailable", error_kind::unavailable},
        {504, "wait_ended", error_kind::unavailable},
    };
    for (auto const& one : cases) {
      auto const code = std::string{one.code};
      auto const said = problem_of(refusal(one.status, R"("error":")" + code + "\""));
      CHECK_MESSAGE(said.kind == one.kind, code);
      CHECK(said.code == code);
      CHECK(said.status == one.status);
      CHECK(said.request_id == "req-7");
    }
  }

  TEST_CASE("what the daemon says of it is all there") {
    auto const said = problem_of(
        refusal(503, R"("error":"unavailable","error_description":"No token.","retryable":true,)"
                     R"("retry_after":2,"max_min_valid":60,"upstream":{"status":503,"code":"c",)"
                     R"("message":"m","request_id":"w-1"})"));
    CHECK(said.description == "No token.");
    CHECK(said.retryable);
    CHECK(said.retry_after == std::chrono::seconds{2});
    CHECK(said.max_min_valid == 60);
    REQUIRE(said.upstream.has_value());
    CHECK(said.upstream->request_id == "w-1");
  }

  TEST_CASE("an error without a reason in JSON is not the daemon's") {
    for (auto const* const body : {"", "<html>502 Bad Gateway</html>", "[]", R"({"error":7})"}) {
      answer got;
      got.status = 502;
      got.body = body;
      CHECK(problem_of(got).code == "other_version");
    }
    answer moved;
    moved.status = 301;
    CHECK(problem_of(moved).code == "other_version");
  }

  TEST_CASE("each failure to connect says what to do") {
    wixtokend::test::temporary_folder const folder;
    CHECK(connect_problem("/no/such", ENOENT).code == "socket_missing");
    CHECK(connect_problem("/no/such", ENOENT).retryable);
    CHECK(connect_problem("/no/such", EACCES).code == "permission_denied");
    CHECK(connect_problem("/no/such", ECONNREFUSED).code == "not_listening");
    auto const directory = connect_problem(folder.path(), ECONNREFUSED);
    CHECK(directory.code == "not_a_socket");
    CHECK(directory.description.find("is a directory") != std::string::npos);
    CHECK(connect_problem(folder.write("plain", "x"), ECONNREFUSED).code == "not_a_socket");
    CHECK(connect_problem("/x", EPROTOTYPE).code == "not_a_socket");
    CHECK(connect_problem("", ENAMETOOLONG).kind == error_kind::invalid);
    CHECK(connect_problem("/x", EMFILE).code == "system_error");
  }

  TEST_CASE("an error may be thrown, with its code and its words") {
    result<int> const bad = invalid_argument("the instance id is empty");
    try {
      static_cast<void>(bad.value());
      FAIL("nothing was thrown");
    } catch (failure const& thrown) {
      CHECK(std::string{thrown.what()} == "invalid_argument: the instance id is empty");
      CHECK(thrown.why().kind == error_kind::invalid);
    }
  }
}

}  // namespace
}  // namespace wixtoken::detail
