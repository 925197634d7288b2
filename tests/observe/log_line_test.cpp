#include "observe/log_line.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using namespace wixtokend::observe;

std::string text_value(std::string value) {
  std::vector<log_field> const fields{{"k", std::move(value)}};
  return text_body("e", fields).substr(4);  // after "e k="
}

std::string json_value(std::string value) {
  std::vector<log_field> const fields{{"k", std::move(value)}};
  return json_body("e", fields).substr(16);  // after "event":"e","k":
}

}  // namespace

TEST_SUITE("observe.log_line") {
  TEST_CASE("text: an event without fields is its name") {
    CHECK(text_body("daemon_stopped", {}) == "daemon_stopped");
  }

  TEST_CASE("text: plain values stand bare, others in quotes") {
    CHECK(text_value("4h") == "4h");
    CHECK(text_value("/run/wixtokend/wixtokend.sock") == "/run/wixtokend/wixtokend.sock");
    CHECK(text_value("") == "\"\"");
    CHECK(text_value("two words") == "\"two words\"");
    CHECK(text_value("a=b") == "\"a=b\"");
    CHECK(text_value("Grüße …") == "\"Grüße …\"");
  }

  TEST_CASE("text: a value cannot end its line, its quotes, or forge a field") {
    CHECK(text_value("x\nerror forged=1") == R"("x\nerror forged=1")");
    CHECK(text_value("x\r\n") == R"("x\r\n")");
    CHECK(text_value("x\" level=error y=\"") == R"("x\" level=error y=\"")");
    CHECK(text_value("ends with \\") == R"("ends with \\")");
    CHECK(text_value(std::string{"nul\0!", 5}) == R"("nul\x00!")");
  }

  TEST_CASE("text: what steers a terminal or hides is shown as bytes") {
    CHECK(text_value("\x1b[31mred") == R"("\x1b[31mred")");
    CHECK(text_value("\x7f") == R"("\x7f")");
    CHECK(text_value("\xc2\x9b") == R"("\xc2\x9b")");                  // C1 control
    CHECK(text_value("\xe2\x80\xae") == R"("\xe2\x80\xae")");          // right-to-left override
    CHECK(text_value("\xe2\x80\xa8") == R"("\xe2\x80\xa8")");          // line separator
    CHECK(text_value("\xef\xbb\xbf") == R"("\xef\xbb\xbf")");          // byte order mark
    CHECK(text_value("\xf3\xa0\x81\x81") == R"("\xf3\xa0\x81\x81")");  // a tag
  }

  TEST_CASE("text: bytes that are not UTF-8 are shown as bytes") {
    CHECK(text_value("a\xff"
                     "b") == R"("a\xffb")");
    CHECK(text_value("\xc3") == R"("\xc3")");
    CHECK(text_value("\xed\xa0\x80") == R"("\xed\xa0\x80")");  // a surrogate
    CHECK(text_value("\xc0\xaf") == R"("\xc0\xaf")");          // overlong
  }

  TEST_CASE("json: each field is a string member") {
    std::vector<log_field> const fields{{"life", "4h"}, {"path", "/a b"}};
    CHECK(json_body("token_minted", fields) ==
          R"("event":"token_minted","life":"4h","path":"/a b")");
  }

  TEST_CASE("json: quotes, backslashes and controls are escaped") {
    CHECK(json_value("x\",\"level\":\"error") == R"("x\",\"level\":\"error")");
    CHECK(json_value("a\\") == R"("a\\")");
    CHECK(json_value("\n\r\t\x01\x7f") == R"("\n\r\t\u0001\u007f")");
    CHECK(json_value("\xe2\x80\xa8") == R"("\u2028")");
    CHECK(json_value("\xf3\xa0\x81\x81") == R"("\udb40\udc41")");
    CHECK(json_value("Grüße 😀") == "\"Grüße 😀\"");
  }

  TEST_CASE("json: each byte that is not UTF-8 becomes the replacement character") {
    CHECK(json_value("a\xff\xfe") == R"("a\ufffd\ufffd")");
    CHECK(json_value("\xe2\x82") == R"("\ufffd\ufffd")");
  }

  TEST_CASE("a long value is cut with an ellipsis, in the middle of no escape") {
    auto const plain = text_value(std::string(5000, 'x'));
    CHECK(plain.size() == value_size_max);
    CHECK(plain.substr(plain.size() - 5) == "x…\"");

    CHECK(text_value(std::string(value_size_max, 'x')) == std::string(value_size_max, 'x'));

    for (std::size_t shift = 0; shift < 4; ++shift) {  // `\x01` is cut off as a whole
      auto const escaped = text_value(std::string(shift, 'x') + std::string(5000, '\x01'));
      CHECK(escaped.size() <= value_size_max);
      CHECK(escaped.substr(escaped.size() - 8) == "\\x01…\"");
    }
  }

  TEST_CASE("a line with too many fields ends with a mark, within its limit") {
    std::vector<log_field> const fields(100, log_field{"key", std::string(100, 'v')});
    auto const room = line_size_max - line_frame_size_max;

    auto const text = text_body("e", fields);
    CHECK(text.size() <= room);
    CHECK(text.size() > room - 130);
    CHECK(text.ends_with("vvvv truncated=true"));

    auto const json = json_body("e", fields);
    CHECK(json.size() <= room);
    CHECK(json.ends_with(R"(vvvv","truncated":"true")"));
  }
}
