// Paths, ids and headers that are meant to be read as something else.

#include "integration/world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace wixtokend::test;

namespace {

std::string const nul(1, '\0');

world_options not_started() {
  world_options options;
  options.start_daemon = false;
  return options;
}

// Ways to write `/v1/status` and other calls that do not say so.
std::vector<std::string> disguised_targets() {
  auto const id = instance_text(1);
  return {
      "/v1/instances/../status",
      "/v1/instances/%2e%2e/status",
      "/v1/instances/%2E%2e/status",
      "/v1/instances/..%2fstatus",
      "/v1/instances/" + id + "/../../status",
      "/v1/instances/" + id + "/..%2F..%2Fstatus",
      "/v1/instances/" + id + "/token/../../../status",
      "/v1/./status",
      "/./v1/status",
      "/v1/%2e/status",
      "//v1/status",
      "/v1//status",
      "/v1/status/",
      "/v1/status//",
      "/v1/status;a=b",
      "/v1/status;",
      "/v1;a=b/status",
      "/v1/status%3fa",
      "/v1/status%23",
      "/v1%2fstatus",
      "/v1/status%2f",
      "/v1/status%00",
      "/v1/status%0d%0a",
      "/v1/status%20",
      "/v1/STATUS",
      "/V1/status",
      "/%5cv1/status",
      "\\v1\\status",
      "/v1\\status",
      "/v1/instances/..\\status",
      "http://localhost/v1/status",
      "HTTP://localhost/v1/status",
      "unix:/v1/status",
      "localhost/v1/status",
      "v1/status",
      "*",
      "/v1/status#",
      "/v1/st\xc3\xa0tus",
      "/v1/%c0%ae%c0%ae/status",  // overlong dots
      "/v1/%e0%80%af/status",     // an overlong slash
      "/v1/status%ff",
      "/v1/status%e2%80",     // cut off
      "/v1/status%ed%a0%80",  // half a surrogate pair
      "/v1/%u0073tatus",
      "/v1/status%",
      "/v1/status%7",
      "/v1/status%7g",
      "/v1/status" + nul,
      "/v1/sta" + nul + "tus",
  };
}

// Ways to write the id of instance 1 that are not its text.
std::vector<std::string> disguised_ids() {
  auto const id = instance_text(1);
  return {"{" + id + "}",
          "urn:uuid:" + id,
          id + "%00",
          id + "%20",
          "%20" + id,
          id + "%0a",
          id + ";a",
          id + ".",
          id + "%2f..",
          id + "/",
          id + "%c3%a9",
          id.substr(0, 35),
          id + "0",
          "../" + id,
          "%2e%2e%2f" + id,
          "%7b" + id + "%7d",
          "00000000000040008000000000000001"};
}

void check_not_split(std::string const& answer) {
  CHECK(answer.find("\nHTTP/1.1 ") == answer.npos);
  CHECK(answer.find("}HTTP/1.1 ") == answer.npos);
  CHECK(answer.find("\nInjected") == answer.npos);
  CHECK(answer.find("\rInjected") == answer.npos);
}

// What comes to one request after which the connection ends.
std::string all_of_answer(world const& w, std::string const& target, std::string const& headers) {
  auto client = w.connect();
  client.send("GET " + target + " HTTP/1.1\r\nHost: a\r\n" + headers + "Connection: close\r\n\r\n");
  return client.receive_all();
}

}  // namespace

TEST_SUITE("integration.abuse_target") {
  TEST_CASE("a path is what its bytes say: no other spelling reaches a call") {
    world w;
    REQUIRE(w.call("GET", "/v1/status").status == 200);
    for (auto const& target : disguised_targets()) {
      CAPTURE(target);
      auto const answer = w.call("GET", target);
      CHECK((answer.status == 400 || answer.status == 404));
      CHECK(answer.body.find("uptime") == std::string::npos);
    }
  }

  TEST_CASE("a socket that grants a role does not grant another one by any spelling") {
    world w{not_started()};
    auto const socket = w.folder().path("readers.sock");
    w.add_settings("[[socket]]\nname = \"readers\"\npath = \"" + socket +
                   "\"\nroles = [\"read\"]\n");
    w.start_daemon();
    w.warm_token(1);
    auto readers = raw_client::unix_socket(socket);
    REQUIRE(readers.request("GET", instance_path(1) + "/token").status == 200);
    REQUIRE(readers.request("GET", "/v1/status").status == 403);
    REQUIRE(readers.request("DELETE", instance_path(1)).status == 403);
    for (auto const& target : disguised_targets()) {
      CAPTURE(target);
      auto client = raw_client::unix_socket(socket);
      CHECK(client.request("GET", target).status / 100 == 4);
    }
    for (auto const* const method : {"delete", "Delete", "DELETE\t", "GET,DELETE", "X-DELETE"}) {
      CAPTURE(method);
      auto client = raw_client::unix_socket(socket);
      CHECK(client.request(method, instance_path(1)).status / 100 == 4);
    }
    // Nobody overrides a method here.
    auto const overridden = readers.request("GET", instance_path(1) + "/token", {},
                                            "X-HTTP-Method-Override: DELETE\r\n");
    CHECK(overridden.status == 200);
    CHECK(w.call("GET", instance_path(1)).status == 200);
  }

  TEST_CASE("an instance has one id, in either case of its letters, and no other spelling") {
    world w;
    w.warm_token(1);
    for (auto const& id : disguised_ids()) {
      CAPTURE(id);
      auto const answer = w.call("GET", "/v1/instances/" + id + "/token?wait=0");
      CHECK((answer.status == 400 || answer.status == 404));
      CHECK(answer.body.find("OauthNG") == std::string::npos);
    }
    CHECK(w.mints() == 1);  // and none of them became an instance of its own
  }

  TEST_CASE("no id and no header can split an answer or add a line to it") {
    world w;
    std::vector<std::string> const values{"a\r\nInjected: yes",
                                          "a\nInjected: yes",
                                          "a\rInjected: yes",
                                          "a%0d%0a%0d%0aHTTP/1.1%20200%20OK%0d%0aInjected:%20yes",
                                          "a%0d%0aInjected:%20yes",
                                          "a\xe5\x98\x8a\xe5\x98\x8dInjected: yes",
                                          "a" + nul + "Injected: yes",
                                          "a\x0bInjected: yes",
                                          "a\x7fInjected: yes",
                                          "a\x85Injected: yes",
                                          std::string(200, 'a') + "Injected",
                                          "\xff\xfeInjected"};
    for (auto const& value : values) {
      CAPTURE(value);
      // Where the value itself is a line of its own, it is the request's, and nothing of it comes
      // back.
      check_not_split(all_of_answer(w, "/healthz", "X-Request-Id: " + value + "\r\n"));
      check_not_split(all_of_answer(w, "/v1/instances/" + value, ""));
      check_not_split(all_of_answer(w, "/v1/apps/" + value + "/instances", ""));
      check_not_split(all_of_answer(w, instance_path(1) + "/token?wait=" + value, ""));
      check_not_split(all_of_answer(w, instance_path(1) + "/token",
                                    "If-None-Match: " + value + "\r\nPrefer: " + value + "\r\n"));
    }
    auto const logged = w.daemon().errors();
    CHECK(logged.find("\nInjected") == logged.npos);
    CHECK(logged.find("\rInjected") == logged.npos);
  }

  TEST_CASE("a request id comes back only if it is one; else another one does") {
    world w;
    auto client = w.connect();
    auto const id_for = [&](std::string const& given) {
      auto const header = "X-Request-Id: " + given + "\r\n";
      return client.request("GET", "/healthz", {}, header).header("x-request-id");
    };
    CHECK(id_for("a-1.B_2:c/3=") == "a-1.B_2:c/3=");
    CHECK(id_for(std::string(128, 'x')) == std::string(128, 'x'));
    for (auto const& bad : {std::string(129, 'x'), std::string{"two words"},
                            std::string{"caf\xc3\xa9"}, std::string{"tab\there"}, std::string{}}) {
      CAPTURE(bad);
      auto const made = id_for(bad);
      CHECK(made != bad);
      CHECK(made.size() == 16);
    }
  }
}
