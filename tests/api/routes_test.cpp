#include "api/routes.hpp"

#include "api/target.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::api {
namespace {

constexpr auto id = "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";

// What a request comes to, in short: "METHOD pattern app=… id=…", or the code of the problem.
std::string outcome(std::string_view method, std::string const& path) {
  auto const parsed = parse_target(path);
  REQUIRE_MESSAGE(parsed.has_value(), path);
  auto const match = find_route(method, parsed->path);
  if (!match.has_value()) {
    auto const& why = match.error();
    return std::string{entry_of(why.what).code} + (why.allow.empty() ? "" : ": " + why.allow);
  }
  auto text = std::string{match->call->method} + " " + std::string{match->call->path};
  if (match->app) text += " app=" + std::string{*match->app};
  if (match->instance) text += " id=" + std::string{*match->instance};
  return text;
}

}  // namespace

TEST_SUITE("api.routes") {
  TEST_CASE("each call is found under its own path, and needs exactly one role") {
    for (auto const& call : all_routes()) {
      std::string path{call.path};
      auto const at = path.find("{id}");
      if (at != path.npos) path.replace(at, 4, id);
      auto const parsed = parse_target(path);
      REQUIRE(parsed.has_value());
      auto const match = find_route(call.method, parsed->path);
      REQUIRE_MESSAGE(match.has_value(), path);
      CHECK_MESSAGE(match->call == &call, path);
      CHECK(match->instance.has_value() == (at != path.npos));
      bool const has_handler = call.answer != nullptr;
      CHECK(has_handler);
    }
  }

  TEST_CASE("the roles are those of the specification") {
    auto const role_of = [](std::string_view method, std::string const& path) {
      auto const parsed = parse_target(path);
      return find_route(method, parsed->path)->call->needed;
    };
    auto const base = std::string{"/v1/instances/"} + id;
    CHECK(role_of("GET", base + "/token") == core::role::read);
    CHECK(role_of("POST", base + "/token/reject") == core::role::read);
    CHECK(role_of("DELETE", base + "/token") == core::role::manage);
    CHECK(role_of("GET", base) == core::role::read);
    CHECK(role_of("PUT", base) == core::role::register_);
    CHECK(role_of("DELETE", base) == core::role::manage);
    CHECK(role_of("POST", base + "/retry") == core::role::manage);
    CHECK(role_of("POST", base + "/restore") == core::role::manage);
    CHECK(role_of("POST", "/v1/instances") == core::role::register_);
    CHECK(role_of("POST", "/v1/webhooks") == core::role::register_);
    CHECK(role_of("GET", "/v1/instances") == core::role::manage);
    CHECK(role_of("POST", base + "/token-info") == core::role::read);
    CHECK(role_of("POST", "/oauth2/token") == core::role::read);
    for (auto const* const path : {"/v1/status", "/healthz", "/readyz", "/version"}) {
      CHECK(role_of("GET", path) == core::role::status);
    }
  }

  TEST_CASE("HEAD is answered where GET is") {
    CHECK(outcome("HEAD", "/healthz") == "GET /healthz");
    CHECK(outcome("HEAD", std::string{"/v1/instances/"} + id + "/token") ==
          "GET /v1/instances/{id}/token id=" + std::string{id});
    CHECK(outcome("HEAD", "/oauth2/token") == "method_not_allowed: POST");
  }

  TEST_CASE("a wrong method is told which there are") {
    CHECK(outcome("POST", "/healthz") == "method_not_allowed: GET, HEAD");
    CHECK(outcome("get", "/healthz") == "method_not_allowed: GET, HEAD");
    CHECK(outcome("OPTIONS", std::string{"/v1/instances/"} + id) ==
          "method_not_allowed: GET, HEAD, PUT, DELETE");
    CHECK(outcome("PUT", std::string{"/v1/instances/"} + id + "/token") ==
          "method_not_allowed: GET, HEAD, DELETE");
    CHECK(outcome("PUT", "/v1/instances") == "method_not_allowed: GET, HEAD, POST");
    CHECK(outcome("GET", "/v1/webhooks") == "method_not_allowed: POST");
    CHECK(outcome("GET", "/v1/apps/a/instances/x/retry") == "method_not_allowed: POST");
  }

  TEST_CASE("an unknown path is unknown whatever the method") {
    for (auto const* const path : {"/",
                                   "//",
                                   "/v1",
                                   "/v1/",
                                   "/v2/instances",
                                   "/V1/instances",
                                   "/v1/instances/",
                                   "/v1/instances/x/",
                                   "/v1/instances/x/tokens",
                                   "/v1/instances/x/token/",
                                   "/v1/instances/x/token/reject/x",
                                   "/v1//instances",
                                   "/healthz/",
                                   "/metrics/",
                                   "/oauth2",
                                   "/oauth2/",
                                   "/oauth2/token//",
                                   "/oauth/token",
                                   "/oauth2/access",
                                   "/v1/webhooks/",
                                   "/v1/instances/../instances",
                                   "/v1%2Finstances"}) {
      CHECK_MESSAGE(outcome("GET", path) == "unknown_path", std::string{path});
      CHECK_MESSAGE(outcome("DELETE", path) == "unknown_path", std::string{path});
    }
  }

  TEST_CASE("an app's prefix stands before what belongs to an app, and nothing else") {
    CHECK(outcome("GET", "/v1/apps/blog/instances") == "GET /v1/instances app=blog");
    CHECK(outcome("GET", "/v1/apps/a%20b/instances/x/token") ==
          "GET /v1/instances/{id}/token app=a b id=x");
    CHECK(outcome("PUT", "/v1/apps/blog/instances/x") == "PUT /v1/instances/{id} app=blog id=x");
    CHECK(outcome("GET", "/v1/apps//instances") == "GET /v1/instances app=");
    CHECK(outcome("POST", "/v1/apps/blog/webhooks") == "POST /v1/webhooks app=blog");
    for (auto const* const path :
         {"/v1/apps", "/v1/apps/", "/v1/apps/blog", "/v1/apps/blog/", "/v1/apps/blog/status",
          "/v1/apps/blog/healthz", "/v1/apps/blog/v1/instances", "/v1/apps/blog/oauth2/token",
          "/v1/apps/a/apps/b/instances", "/apps/blog/instances"}) {
      CHECK_MESSAGE(outcome("GET", path) == "unknown_path", std::string{path});
    }
  }

  TEST_CASE("the upstream's own paths may end with a slash (U-21)") {
    for (std::string const path : {"/oauth2/token", "/oauth/access", "/oauth2/token-info"}) {
      CHECK(outcome("POST", path) == "POST " + path);
      CHECK(outcome("POST", path + "/") == "POST " + path);
      CHECK(outcome("GET", path + "/") == "method_not_allowed: POST");
    }
  }

  TEST_CASE("bulk registration is the one call that streams, under all its names") {
    CHECK(takes_stream("POST", "/v1/instances"));
    CHECK(takes_stream("POST", "/v1/instances?results=all"));
    CHECK(takes_stream("POST", "/v1/apps/blog/instances"));
    CHECK(takes_stream("POST", "/v1/%69nstances"));
    for (auto const* const target : {"/v1/instances/", "/v1/webhooks", "/v1/instances/x/retry", "/",
                                     "", "*", "/v1/instances#"}) {
      CHECK_MESSAGE(!takes_stream("POST", target), std::string{target});
    }
    CHECK(!takes_stream("GET", "/v1/instances"));
    CHECK(!takes_stream("PUT", "/v1/instances"));
  }

  TEST_CASE("an id may be anything here; whether it is one is found out behind the policy") {
    CHECK(outcome("GET", "/v1/instances/x/token") == "GET /v1/instances/{id}/token id=x");
    CHECK(outcome("GET", "/v1/instances//token") == "unknown_path");
    CHECK(outcome("GET", "/v1/instances/%7Bid%7D") == "GET /v1/instances/{id} id={id}");
  }
}

}  // namespace wixtokend::api
