#include "cli/json_text.hpp"

#include <doctest/doctest.h>

namespace wixtokend::cli {
namespace {

TEST_SUITE("cli.json_text") {
  TEST_CASE("members follow each other, whatever is in them") {
    CHECK(json_object{}.take() == "{}");
    CHECK(json_object{}
              .text("a\"b", "x\\\n\x7f\"é")
              .number("n", -5)
              .number("none", std::nullopt)
              .flag("yes", true)
              .raw("o", "{}")
              .take() ==
          "{\"a\\\"b\":\"x\\\\\\u000a\\u007f\\\"é\",\"n\":-5,\"none\":null,\"yes\":true,\"o\":{}}");
  }
}

}  // namespace
}  // namespace wixtokend::cli
