#include "cli/problem_text.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::cli {
namespace {

wixtoken::error refused() {
  wixtoken::error out;
  out.kind = wixtoken::error_kind::refused_by_wix;
  out.code = "app_refused";
  out.description = "Wix refuses the app.";
  out.status = 502;
  out.request_id = "r-7";
  out.retry_after = std::chrono::seconds{60};
  out.upstream = wixtoken::upstream_error{401, "invalid_client", "no\x1b[2J", "w-1"};
  return out;
}

TEST_SUITE("cli.problem_text") {
  TEST_CASE("an error says what failed, what to do, what Wix said and where to look") {
    CHECK(problem_text(refused()) ==
          "app_refused: Wix refuses the app.\n"
          "  what to do: mend app_id or app_secret_file in the daemon's configuration\n"
          "  Wix said: status 401, invalid_client: no\\x1b[2J (request id w-1)\n"
          "  the answer stays the same for 60 s\n"
          "  in the daemon's log: request_id=r-7\n");
  }

  TEST_CASE("a socket that is not there says where it was looked for") {
    wixtoken::error missing;
    missing.code = "socket_missing";
    missing.description = "there is no socket /x";
    auto const text = problem_text(missing);
    CHECK(text.find("WIXTOKEN_SOCKET") != std::string::npos);
    CHECK(text.find("--wait") != std::string::npos);
  }

  TEST_CASE("for programs it is one line of JSON") {
    CHECK(problem_json(refused()) ==
          R"({"error":"app_refused","error_description":"Wix refuses the app.",)"
          R"("kind":"refused_by_wix","retryable":false,"retry_after":60,"status":502,)"
          R"("request_id":"r-7","upstream":{"status":401,"code":"invalid_client",)"
          R"("message":"no\u001b[2J","request_id":"w-1"}})");
  }

  TEST_CASE("there is advice for what an operator can do something about, and only for codes") {
    for (auto const* const code :
         {"access_denied", "unknown_instance", "unknown_upstream", "app_refused", "store_required",
          "grant_conflict", "impossible_validity", "store_failed", "audit_failed"}) {
      CHECK_FALSE(advice_for(code).empty());
    }
    CHECK(advice_for("something_new").empty());
  }
}

}  // namespace
}  // namespace wixtokend::cli
