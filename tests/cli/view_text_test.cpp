#include "cli/view_text.hpp"

#include "cli/printable.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::cli {
namespace {

wixtoken::instance_view stale() {
  wixtoken::instance_view out;
  out.instance_id = "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";
  out.app = "main";
  out.state = "stale";
  out.grant = "client_credentials";
  out.registered = true;
  out.generation = 7;
  out.expires_at = 1000 + 3600;
  out.next_attempt_at = 1005;
  out.next_attempt_reason = "backoff";
  out.last_used_at = 940;
  wixtoken::instance_failure failed;
  failed.kind = "transient";
  failed.status = 503;
  failed.at = 820;
  failed.message = "down\n\x1b]0;owned\x07";
  failed.request_id = "w-9";
  out.last_error = failed;
  return out;
}

TEST_SUITE("cli.view_text") {
  TEST_CASE("a row fits eighty columns, and says more where there is more room") {
    auto const cells = instance_cells(stale(), 1000);
    CHECK(instance_table(80).header() ==
          "INSTANCE                              STATE        USABLE    NEXT  LAST ERROR");
    auto const narrow = instance_table(80).row(cells);
    CHECK(narrow ==
          "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55  stale            1h      5s  503 transien…");
    CHECK(columns_of(narrow) <= 80);
    auto const wide = instance_table(160).row(cells);
    CHECK(columns_of(wide) <= 160);
    CHECK(wide.find("client_credentials") != std::string::npos);
    CHECK(wide.find("503 transient, 3 min ago: down\\x0a\\x1b]0;owned\\x07") != std::string::npos);
  }

  TEST_CASE("what is not known is a dash") {
    wixtoken::instance_view cold;
    cold.instance_id = "i";
    cold.state = "cold";
    CHECK(instance_cells(cold, 1000) ==
          std::vector<std::string>{"i", "cold", "-", "-", "", "-", "-"});
  }

  TEST_CASE("a page has all that is known, and nothing that a terminal obeys") {
    auto view = stale();
    view.codes.push_back({"refused", 990, std::nullopt});
    auto const page = view_text(view, 1000);
    CHECK(page.find("\x1b") == std::string::npos);
    CHECK(page.find("state               stale\n") != std::string::npos);
    CHECK(page.find("usable until        1970-01-01T01:16:40Z (in 1 h)\n") != std::string::npos);
    CHECK(page.find("next attempt        1970-01-01T00:16:45Z (in 5 s), backoff\n") !=
          std::string::npos);
    CHECK(page.find("last error          503 transient, 3 min ago: down") != std::string::npos);
    CHECK(page.find("  of Wix's request  w-9\n") != std::string::npos);
    CHECK(page.find("code                refused, ") != std::string::npos);
    CHECK(page.find("removal") == std::string::npos);
  }
}

}  // namespace
}  // namespace wixtokend::cli
