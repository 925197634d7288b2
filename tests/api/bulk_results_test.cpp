#include "api/bulk_results.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {
namespace {

problem bad(std::string text) {
  return {.what = fault::invalid_body, .description = std::move(text)};
}

std::string all_lines(bulk_results const& results, std::size_t bytes_min) {
  std::string all;
  std::size_t next = 0;
  for (;;) {
    auto const piece = results.lines_json(next, bytes_min);
    if (piece.empty()) return all;
    CHECK(piece.size() <= bytes_min + 80);
    all += piece;
  }
}

std::size_t count(std::string const& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_SUITE("api.bulk_results") {
  TEST_CASE("nothing has come of nothing") {
    bulk_results const none;
    CHECK(none.summary_json() ==
          R"({"lines":0,"added":0,"known":0,"failed":0,"truncated":false,"failures":[]})");
    CHECK(all_lines(none, 1).empty());
  }

  TEST_CASE("lines are counted from 1, blank ones too, but these are not told") {
    bulk_results results;
    results.add_blank();
    results.add_registered(false);
    results.add_registered(true);
    results.add_failure(bad("It is \"odd\"."));
    results.add_blank();
    CHECK(results.unsettled() == 5);
    results.settle();
    CHECK(results.unsettled() == 0);
    CHECK(results.summary_json() ==
          R"({"lines":3,"added":1,"known":1,"failed":1,"truncated":false,"failures":[)"
          R"({"line":4,"error":"invalid_body","error_description":"It is \"odd\"."}]})");
    constexpr auto expected =
        "{\"line\":2,\"status\":201}\n{\"line\":3,\"status\":200}\n"
        "{\"line\":4,\"status\":400,\"error\":\"invalid_body\"}\n";
    CHECK(all_lines(results, 1) == expected);
    CHECK(all_lines(results, 1000) == expected);
  }

  TEST_CASE("what could not be written has failed, in the order of the lines") {
    bulk_results results;
    results.add_registered(false);
    results.settle();
    results.add_registered(false);
    results.add_failure(bad("a."));
    results.add_registered(true);
    results.add_failure(bad("b."));
    results.settle_failed({.what = fault::store_failed, .description = "Full."});
    CHECK(results.summary_json() ==
          R"({"lines":5,"added":1,"known":0,"failed":4,"truncated":false,"failures":[)"
          R"({"line":2,"error":"store_failed","error_description":"Full."},)"
          R"({"line":3,"error":"invalid_body","error_description":"a."},)"
          R"({"line":4,"error":"store_failed","error_description":"Full."},)"
          R"({"line":5,"error":"invalid_body","error_description":"b."}]})");
    CHECK(count(all_lines(results, 1), "\"status\":503,\"error\":\"store_failed\"") == 2);
  }

  TEST_CASE("the summary explains the first thousand failures") {
    bulk_results results;
    for (std::size_t i = 0; i < bulk_results::failures_max + 10; ++i)
      results.add_failure(bad("x."));
    results.settle();
    auto const text = results.summary_json();
    CHECK(text.find("\"failed\":1010,") != text.npos);
    CHECK(count(text, "\"line\":") == 1'000);
    CHECK(text.find("\"line\":1000,") != text.npos);
    CHECK(count(all_lines(results, 100), "\"line\":") == 1'010);
  }

  TEST_CASE("a thousand failures stay the first ones when what stands between them fails, too") {
    bulk_results results;
    results.add_registered(false);
    for (std::size_t i = 0; i < bulk_results::failures_max; ++i) results.add_failure(bad("x."));
    results.settle_failed({.what = fault::store_failed});
    auto const text = results.summary_json();
    CHECK(text.find("\"failed\":1001,") != text.npos);
    CHECK(count(text, "\"line\":") == 1'000);
    CHECK(text.find("{\"line\":1,\"error\":\"store_failed\"") != text.npos);
    CHECK(text.find("\"line\":1001,") == text.npos);
  }

  TEST_CASE("a line too many is named, and not counted") {
    bulk_results results;
    results.add_registered(false);
    results.truncate();
    results.settle();
    CHECK(results.summary_json() ==
          R"({"lines":1,"added":1,"known":0,"failed":0,"truncated":true,"failures":[)"
          R"({"line":2,"error":"too_many_lines",)"
          R"("error_description":"The request has more than 1,000,000 lines."}]})");
  }
}

}  // namespace wixtokend::api
