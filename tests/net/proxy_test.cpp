#include "net/proxy.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace wixtokend;
using namespace wixtokend::net;

namespace {

struct row {
  char const* server;
  char const* no_proxy;
  bool direct;
};

bool is_direct(std::string const& server, std::string_view no_proxy) {
  auto const chosen = choose_proxy(parse_origin(server).value(), "http://proxy:3128", no_proxy);
  REQUIRE(chosen.has_value());
  return !chosen->has_value();
}

}  // namespace

TEST_SUITE("net.proxy") {
  TEST_CASE("a proxy is read with or without its scheme") {
    auto const server = parse_origin("https://www.wixapis.com").value();
    for (auto const* const url : {"http://proxy:3128", "proxy:3128", "http://proxy:3128/"}) {
      CHECK(choose_proxy(server, url, "").value() == origin{false, "proxy", 3128, ""});
    }
    CHECK(choose_proxy(server, "proxy", "").value()->port == 80);
    CHECK(choose_proxy(server, "[::1]:8080", "").value()->host == "::1");
    CHECK_FALSE(choose_proxy(server, "", "").value().has_value());
  }

  TEST_CASE("a proxy of another form is an error, unless it does not matter") {
    auto const server = parse_origin("https://www.wixapis.com").value();
    for (auto const* const url : {"https://proxy", "socks5://proxy", "http://user:pw@proxy",
                                  "http://proxy/path", "proxy:0", "pro xy", "http://"}) {
      CAPTURE(std::string{url});
      CHECK(choose_proxy(server, url, "").error() == errc::invalid_address);
      CHECK_FALSE(choose_proxy(server, url, "*").value().has_value());
    }
  }

  TEST_CASE("plain-http and loopback servers are reached directly") {
    for (auto const* const server : {"http://example.com", "https://localhost:8443",
                                     "https://127.0.0.1", "https://127.9.9.9", "https://[::1]"}) {
      CHECK(is_direct(server, ""));
    }
    CHECK_FALSE(is_direct("https://example.com", ""));
  }

  TEST_CASE("NO_PROXY is obeyed entry by entry") {
    constexpr row table[] = {
        {"https://a.com", "*", true},
        {"https://10.1.2.3", "*", true},
        {"https://a.com", "b.com,*", true},
        // names: itself and everything below
        {"https://a.com", "a.com", true},
        {"https://a.com", "A.COM", true},
        {"https://x.a.com", "a.com", true},
        {"https://x.y.a.com", "a.com", true},
        {"https://xa.com", "a.com", false},
        {"https://a.com.b", "a.com", false},
        {"https://a.com", "x.a.com", false},
        {"https://com", "a.com", false},
        // with a leading dot, or a star: below only
        {"https://x.a.com", ".a.com", true},
        {"https://a.com", ".a.com", false},
        {"https://x.a.com", "*.a.com", true},
        {"https://a.com", "*.a.com", false},
        {"https://xa.com", "*.a.com", false},
        {"https://x.a.com", "x.*.com", false},
        // ports
        {"https://a.com", "a.com:443", true},
        {"https://a.com:8443", "a.com:443", false},
        {"https://a.com:8443", "a.com:8443", true},
        {"https://x.a.com:8443", ".a.com:8443", true},
        {"https://a.com", "a.com:", false},
        {"https://a.com", "a.com:x", false},
        {"https://a.com", ":443", false},
        // lists
        {"https://a.com", "b.com, a.com", true},
        {"https://a.com", "b.com a.com", true},
        {"https://a.com", " ,, a.com ,", true},
        {"https://a.com", "b.com,c.com", false},
        {"https://a.com", " , ", false},
        // addresses
        {"https://10.1.2.3", "10.1.2.3", true},
        {"https://10.1.2.3", "10.1.2.4", false},
        {"https://10.1.2.3", "10.1.2.3:443", true},
        {"https://10.1.2.3", "10.1.2.3:80", false},
        {"https://10.1.2.3", ".3", false},
        {"https://[2001:db8::1]", "2001:db8::1", true},
        {"https://[2001:db8::1]", "2001:DB8:0::1", true},
        {"https://[2001:db8::1]", "[2001:db8::1]", true},
        {"https://[2001:db8::1]", "[2001:db8::1]:443", true},
        {"https://[2001:db8::1]", "[2001:db8::1]:80", false},
        {"https://[2001:db8::1]", "[2001:db8::1", false},
        {"https://[2001:db8::1]", "[2001:db8::1]x", false},
        {"https://[2001:db8::1]", "[2001:db8::1]:", false},
        // networks, for addresses only
        {"https://10.1.2.3", "10.0.0.0/8", true},
        {"https://11.1.2.3", "10.0.0.0/8", false},
        {"https://10.1.2.3", "10.1.2.0/30", true},
        {"https://10.1.2.4", "10.1.2.0/30", false},
        {"https://10.1.2.3", "0.0.0.0/0", true},
        {"https://10.1.2.3", "10.1.2.3/32", true},
        {"https://10.1.2.3", "10.1.2.2/32", false},
        {"https://10.1.2.3", "10.0.0.0/33", false},
        {"https://10.1.2.3", "10.0.0.0/", false},
        {"https://10.1.2.3", "10.0.0.0/-1", false},
        {"https://10.1.2.3", "::/0", false},
        {"https://[2001:db8::1]", "2001:db8::/32", true},
        {"https://[2001:db9::1]", "2001:db8::/32", false},
        {"https://[2001:db8::1]", "0.0.0.0/0", false},
        {"https://a.com", "0.0.0.0/0", false},
    };
    for (auto const& one : table) {
      CAPTURE(std::string{one.server});
      CAPTURE(std::string{one.no_proxy});
      CHECK(is_direct(one.server, one.no_proxy) == one.direct);
    }
  }
}
