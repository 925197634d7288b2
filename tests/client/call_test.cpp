#include "wixtoken/detail/call.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtoken::detail {
namespace {

std::string encode(call const& what) {
  return std::string{request_bytes{what}.view()};
}

using namespace std::chrono_literals;

TEST_SUITE("client.call") {
  TEST_CASE("whatever an id is, it stays one segment of the path") {
    options const plain;
    CHECK(target{plain}.segment("2d2f-A").segment("token").take() == "/v1/instances/2d2f-A/token");
    CHECK(target{plain}.segment("../../v1/status?x=1#y").take() ==
          "/v1/instances/..%2F..%2Fv1%2Fstatus%3Fx%3D1%23y");
    CHECK(target{plain}.segment("..").take() == "/v1/instances/%2E%2E");
    CHECK(target{plain}.segment("a\r\nX: y\xff").take() == "/v1/instances/a%0D%0AX%3A%20y%FF");
  }

  TEST_CASE("an app has a prefix of its own") {
    options of_app;
    of_app.app = "shop/1";
    CHECK(target{of_app}.segment("i").take() == "/v1/apps/shop%2F1/instances/i");
  }

  TEST_CASE("parameters follow, seconds with three decimals") {
    options const plain;
    CHECK(target{plain}.parameter("wait", 1500ms).parameter("cursor", "4 7&").take() ==
          "/v1/instances?wait=1.500&cursor=4%207%26");
    CHECK(target{plain}.parameter("wait", -5ms).take() == "/v1/instances?wait=0.000");
    CHECK(target{plain}.parameter("wait", 60s).take() == "/v1/instances?wait=60.000");
  }

  TEST_CASE("a request has its length, if it may have a body") {
    call asked{"GET", "/healthz"};
    CHECK(encode(asked) ==
          "GET /healthz HTTP/1.1\r\nHost: localhost\r\nUser-Agent: wixtoken-client\r\n\r\n");
    asked.method = "POST";
    CHECK(encode(asked).ends_with("Content-Length: 0\r\n\r\n"));
    asked.body = secret{"{}"};
    asked.headers = "Prefer: wait=1\r\n";
    CHECK(
        encode(asked).ends_with("Prefer: wait=1\r\nContent-Type: application/json\r\n"
                                "Content-Length: 2\r\n\r\n{}"));
  }
}

}  // namespace
}  // namespace wixtoken::detail
