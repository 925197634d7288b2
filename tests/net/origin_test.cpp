#include "net/origin.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::net;

TEST_SUITE("net.origin") {
  TEST_CASE("scheme, host, port and path are read") {
    auto const plain = parse_origin("https://www.wixapis.com").value();
    CHECK(plain == origin{true, "www.wixapis.com", 443, ""});
    CHECK(parse_origin("http://localhost:8080/").value() == origin{false, "localhost", 8080, ""});
    CHECK(parse_origin("http://localhost").value().port == 80);
    CHECK(parse_origin("https://h:1/a/b%20c//").value().base_path == "/a/b%20c");
    CHECK(parse_origin("https://h/").value().base_path.empty());
  }

  TEST_CASE("scheme and host are compared without case, the path is not") {
    auto const read = parse_origin("HTTPS://WWW.Wix.COM/Path").value();
    CHECK(read == origin{true, "www.wix.com", 443, "/Path"});
  }

  TEST_CASE("addresses are hosts too; an IPv6 address loses its brackets") {
    CHECK(parse_origin("http://127.0.0.1:1").value().host == "127.0.0.1");
    CHECK(parse_origin("https://[::1]").value() == origin{true, "::1", 443, ""});
    CHECK(parse_origin("https://[2001:DB8::1]:8443/x").value() ==
          origin{true, "2001:db8::1", 8443, "/x"});
  }

  TEST_CASE("anything else is refused") {
    for (auto const* const url : {"",
                                  "www.wix.com",
                                  "ftp://h",
                                  "https:/h",
                                  "https://",
                                  "https:///path",
                                  "https://:443",
                                  "https://h:",
                                  "https://h:0",
                                  "https://h:65536",
                                  "https://h:4a",
                                  "https://h:-1",
                                  "https://h:443:1",
                                  "https://user@h",
                                  "https://user:pw@h",
                                  "https://h?q",
                                  "https://h/?q",
                                  "https://h/#f",
                                  "https://h#f",
                                  "https://h h",
                                  "https://h/a b",
                                  "https://h/\n",
                                  "https://h\\x",
                                  "https://a..b",
                                  "https://.a",
                                  "https://a.",
                                  "https://h%41",
                                  "https://[::1",
                                  "https://[::1]x",
                                  "https://[h]",
                                  "https://[127.0.0.1]",
                                  "https://::1",
                                  "https://[fe80::1%25eth0]",
                                  "https://h\xc3\xa4",
                                  " https://h",
                                  "https://h "}) {
      CAPTURE(std::string{url});
      CHECK(parse_origin(url).error() == errc::invalid_address);
    }
    CHECK(parse_origin("https://" + std::string(253, 'a')).has_value());
    CHECK_FALSE(parse_origin("https://" + std::string(254, 'a')).has_value());
  }

  TEST_CASE("the Host header leaves out the default port and brackets IPv6") {
    CHECK(parse_origin("https://h").value().host_header() == "h");
    CHECK(parse_origin("https://h:443").value().host_header() == "h");
    CHECK(parse_origin("https://h:80").value().host_header() == "h:80");
    CHECK(parse_origin("http://h:80").value().host_header() == "h");
    CHECK(parse_origin("http://h:443").value().host_header() == "h:443");
    CHECK(parse_origin("http://[::1]:80").value().host_header() == "[::1]");
    CHECK(parse_origin("http://[::1]:81").value().host_header() == "[::1]:81");
  }

  TEST_CASE("for people it is scheme, host and port") {
    CHECK(parse_origin("https://h/path").value().to_string() == "https://h:443");
    CHECK(parse_origin("http://[::1]").value().to_string() == "http://[::1]:80");
  }

  TEST_CASE("loopback is judged by the text alone, and strictly") {
    for (auto const* const host :
         {"localhost", "LOCALHOST", "127.0.0.1", "127.255.255.254", "::1", "0:0:0:0:0:0:0:1"}) {
      CAPTURE(std::string{host});
      CHECK(origin{true, host, 1, ""}.is_loopback());
    }
    for (auto const* const host :
         {"", "localhost.example.com", "xlocalhost", "127.1", "127.0.0.1.example.com", "128.0.0.1",
          "0.0.0.0", "::", "::2", "::ffff:127.0.0.1", "2130706433", "0x7f.0.0.1", "10.0.0.1"}) {
      CAPTURE(std::string{host});
      CHECK_FALSE(origin{true, host, 1, ""}.is_loopback());
    }
  }
}
