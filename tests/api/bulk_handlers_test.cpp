#include "support/api_world.hpp"

#include <doctest/doctest.h>

#include <string>

namespace wixtokend::test {
namespace {

std::string line_of(unsigned n, std::string const& rest = {}) {
  return "{\"instance_id\":\"" + key_of(n).instance.to_string() + "\"" + rest + "}\n";
}

// Many instances: more than the two digits of `key_of` can name.
std::string lines_from(unsigned first, unsigned count) {
  std::string out;
  for (unsigned i = first; i < first + count; ++i) {
    auto digits = std::to_string(i);
    digits.insert(0, 12 - digits.size(), '0');
    out += "{\"instance_id\":\"aaaaaaaa-bbbb-4ccc-8ddd-" + digits + "\"}\n";
  }
  return out;
}

constexpr auto path = "/v1/instances";

std::string head_of(std::string const& target, std::string const& framing) {
  return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + framing + "\r\n\r\n";
}

std::size_t count(std::string const& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++found;
  return found;
}

core::app_policy quiet() {  // no mints, so that time passes quickly
  core::app_policy app;
  app.warm = core::keep_warm::none;
  return app;
}

struct bulk_world : api_world {
  explicit bulk_world(bool with_store = true)
      : api_world{quiet(), default_settings(), with_store} {}
};

}  // namespace

TEST_SUITE("api.bulk_handlers") {
  TEST_CASE("each line is an instance; the summary tells what came of them") {
    bulk_world w;
    auto const body = line_of(1) + "\n" + line_of(2, R"(,"grant":"client_credentials")") +
                      line_of(1) + "  \r\nrubbish\n" + R"({"instance_id":"x"})";
    auto const answer = w.request("POST", path, "Content-Type: application/x-ndjson\r\n", body);
    CHECK(answer.status == 200);
    CHECK(header_of(answer, "Content-Type") == "application/json");
    CHECK(answer.body ==
          R"({"lines":5,"added":2,"known":1,"failed":2,"truncated":false,"failures":[)"
          R"({"line":6,"error":"invalid_body",)"
          R"("error_description":"The line is not a JSON object."},)"
          R"({"line":7,"error":"invalid_instance_id",)"
          R"("error_description":"The instance id is not a GUID."}]})");
    CHECK(w.engine.size() == 2);
    CHECK(w.disk.rows.size() == 2);
  }

  TEST_CASE("the result of each line comes in chunks, and the summary last") {
    bulk_world w;
    auto& client = w.connect();
    client.send(request_text("POST", std::string{path} + "?results=all", "",
                             line_of(1) + "\nx\n" + line_of(1)));
    CHECK(client.received().find("\r\nTransfer-Encoding: chunked\r\n") != std::string_view::npos);
    auto const answer = client.take();
    CHECK(answer.status == 200);
    CHECK(header_of(answer, "Content-Type") == "application/x-ndjson");
    CHECK(answer.headers.contains("X-Request-Id"));
    CHECK(answer.body ==
          "{\"line\":1,\"status\":201}\n{\"line\":3,\"status\":400,\"error\":\"invalid_body\"}\n"
          "{\"line\":4,\"status\":200}\n"
          R"({"lines":3,"added":1,"known":1,"failed":1,"truncated":false,"failures":[)"
          R"({"line":3,"error":"invalid_body",)"
          R"("error_description":"The line is not a JSON object."}]})"
          "\n");
    client.send(request_text("GET", "/healthz"));
    CHECK(client.take().status == 200);
  }

  TEST_CASE("a client of HTTP/1.0 gets the results up to the end of the connection") {
    bulk_world w;
    auto& client = w.connect();
    auto const body = line_of(1);
    client.send("POST /v1/instances?results=all HTTP/1.0\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    std::string const all{client.received()};
    CHECK(all.find("Transfer-Encoding") == all.npos);
    CHECK(all.find("\r\nConnection: close\r\n") != all.npos);
    CHECK(all.find("\r\n\r\n{\"line\":1,\"status\":201}\n{\"lines\":1,") != all.npos);
    CHECK(all.ends_with("}\n"));
    CHECK(w.server.connections() == 0);
  }

  TEST_CASE("a body far beyond the limit of others is read, in any framing and any pieces") {
    bulk_world w;
    auto const body = lines_from(0, 5'000);
    CHECK(body.size() > 256 * 1024);
    auto const first = w.request("POST", path, "", body);
    CHECK(first.status == 200);
    CHECK(member_of(first, "added") == "5000");

    auto& client = w.connect();
    client.send(head_of(path, "Transfer-Encoding: chunked"));
    for (std::size_t at = 0; at < body.size(); at += 1'000) {
      auto const piece = body.substr(at, 1'000);
      client.send(http::chunk_line(piece.size()) + piece.substr(0, 700));
      client.send(piece.size() > 700 ? piece.substr(700) + "\r" : "\r");
      client.send("\n");
    }
    client.send("0\r\n\r\n" + request_text("GET", "/healthz"));
    auto const second = client.take();
    CHECK(member_of(second, "known") == "5000");
    CHECK(member_of(second, "failed") == "0");
    CHECK(client.take().status == 200);  // the request behind it
    CHECK(w.disk.rows.size() == 5'000);
  }

  TEST_CASE("an empty body registers nothing") {
    bulk_world w;
    CHECK(member_of(w.request("POST", path), "lines") == "0");
    auto& client = w.connect();
    client.send(head_of(path, "Transfer-Encoding: chunked") + "0\r\n");
    CHECK(client.received().empty());
    client.send("\r\n");
    CHECK(member_of(client.take(), "lines") == "0");
  }

  TEST_CASE("lines are written to disk in parts of a thousand, and no more is read meanwhile") {
    bulk_world w;
    w.disk.latency = 1s;
    auto const body = lines_from(0, 3'500);
    auto& client = w.connect();
    client.send(head_of(path, "Content-Length: " + std::to_string(body.size())) + body);
    CHECK(w.engine.size() == 1'000);
    CHECK(client.unread() > body.size() / 2);
    w.time.advance(10s);
    auto const answer = client.take();
    CHECK(member_of(answer, "added") == "3500");
    CHECK(w.disk.rows.size() == 3'500);
  }

  TEST_CASE("a line over 64 KiB fails alone") {
    bulk_world w;
    std::string const blanks(64 * 1024, ' ');
    auto const answer = w.request("POST", path, "", line_of(1) + "{" + blanks + "}\n" + line_of(2));
    CHECK(answer.body ==
          R"({"lines":3,"added":2,"known":0,"failed":1,"truncated":false,"failures":[)"
          R"({"line":2,"error":"line_too_large",)"
          R"("error_description":"The line exceeds 64 KiB."}]})");
  }

  TEST_CASE("a store that fails ends the request; its lines, and no others, have failed") {
    bulk_world w;
    w.disk.latency = 1s;
    auto const body = lines_from(0, 2'500);
    auto& client = w.connect();
    client.send(head_of(std::string{path} + "?results=all",
                        "Content-Length: " + std::to_string(body.size())) +
                body);
    while (w.engine.size() < 2'000) REQUIRE(w.time.step());
    w.disk.fails = true;
    w.time.advance(30s);
    auto const answer = client.take();
    CHECK(error_of(answer) == "503 store_failed");
    CHECK(header_of(answer, "Retry-After") == "1");
    CHECK(!answer.keep_alive);
    CHECK(member_of(answer, "summary") == "{\"lines\":2000");
    CHECK(member_of(answer, "added") == "1000");
    CHECK(member_of(answer, "failed") == "1000");
    CHECK(answer.body.find("{\"line\":1001,\"error\":\"store_failed\"") != std::string::npos);
    CHECK(answer.body.find("{\"line\":1000,\"error\":\"store_failed\"") == std::string::npos);
    CHECK(w.disk.rows.size() == 1'000);
  }

  TEST_CASE("beyond a million lines nothing is taken, and the summary says so") {
    bulk_world w;
    std::string const blank(1'000'000 - 1, '\n');
    auto const most = w.request("POST", path, "", blank + line_of(1) + "\n");
    CHECK(most.status == 200);
    CHECK(member_of(most, "added") == "1");
    auto const more = w.request("POST", path, "", blank + line_of(1) + line_of(2));
    CHECK(error_of(more) == "413 too_many_lines");
    CHECK(member_of(more, "truncated") == "true");
    CHECK(member_of(more, "known") == "1");
    CHECK(more.body.find("{\"line\":1000001,\"error\":\"too_many_lines\"") != std::string::npos);
    CHECK(w.engine.size() == 1);
  }

  TEST_CASE("two bulk registrations run at once, a third one has to come back") {
    bulk_world w;
    auto& first = w.connect();
    auto& second = w.connect();
    first.send(head_of(path, "Content-Length: 1000"));
    second.send(head_of(path, "Transfer-Encoding: chunked"));
    auto& third = w.connect();
    third.send(request_text("POST", path, "", line_of(1)));
    auto const refused = third.take();
    CHECK(error_of(refused) == "429 limit_reached");
    CHECK(!refused.keep_alive);  // its body was not read

    first.leave();
    CHECK(w.request("POST", path, "", line_of(1)).status == 200);
    second.send(chunked_body(line_of(2)));
    CHECK(member_of(second.take(), "added") == "1");
    CHECK(w.request("POST", path, "", line_of(3)).status == 200);
  }

  TEST_CASE("a client is waited for as long as something comes every ten seconds") {
    bulk_world w;
    auto& client = w.connect();
    client.send(head_of(path, "Content-Length: 1000"));
    for (int i = 0; i < 20; ++i) {
      client.send("\n");
      w.time.advance(9s);
    }
    CHECK(client.received().empty());
    client.send(line_of(1));
    w.time.advance(10s);
    auto const answer = client.take();
    CHECK(error_of(answer) == "408 request_timeout");
    CHECK(member_of(answer, "added") == "1");  // what it sent counts all the same
    CHECK(!answer.keep_alive);
  }

  TEST_CASE("a body that breaks off or is broken ends the connection, after its answer") {
    bulk_world w;
    auto& half = w.connect();
    half.send(head_of(path, "Content-Length: 1000") + line_of(1));
    half.finish_sending();
    auto const answer = half.take();
    CHECK(error_of(answer) == "400 malformed_request");
    CHECK(member_of(answer, "added") == "1");

    auto& broken = w.connect();
    broken.send(head_of(path, "Transfer-Encoding: chunked") + "5\r\nabcdefg\r\n");
    CHECK(error_of(broken.take()) == "400 malformed_request");
    CHECK(broken.ended());
  }

  TEST_CASE("a client that waits to be invited is, unless it is refused") {
    bulk_world w;
    auto& client = w.connect();
    auto const body = line_of(1);
    auto const head =
        head_of(path, "Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()));
    client.send(head);
    CHECK(client.received() == "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(body);
    CHECK(member_of(client.take(), "added") == "1");
    client.send(head + body);
    CHECK(client.received().starts_with("HTTP/1.1 200 OK"));  // it did not wait

    auto& reader = w.connect(1000, static_cast<core::role_set>(core::role::read));
    reader.send(head);
    CHECK(reader.received().starts_with("HTTP/1.1 403 "));
    reader.send(body);
    CHECK(error_of(reader.take()) == "403 access_denied");
    reader.finish_sending();
    CHECK(w.engine.size() == 1);
  }

  TEST_CASE("answers to earlier requests do not wait for the body") {
    bulk_world w;
    auto& client = w.connect();
    client.send(request_text("GET", "/healthz") + head_of(path, "Content-Length: 1000") + "\n");
    CHECK(member_of(client.take(), "status") == "\"ok\"");
    client.send(std::string(999, '\n'));
    CHECK(member_of(client.take(), "lines") == "0");
  }

  TEST_CASE("the query is read as strictly as everywhere") {
    bulk_world w;
    CHECK(error_of(w.request("POST", "/v1/instances?results=some", "", line_of(1))) ==
          "400 invalid_parameter");
    CHECK(error_of(w.request("POST", "/v1/instances?replace=1", "", line_of(1))) ==
          "400 invalid_parameter");
    CHECK(error_of(w.request("POST", "/v1/instances?limit=1", "", line_of(1))) ==
          "400 unknown_parameter");
    CHECK(error_of(w.request("POST", "/v1/apps/none/instances", "", line_of(1))) ==
          "404 unknown_app");
    CHECK(w.request("POST", "/v1/instances?results=failures", "", line_of(1)).status == 200);
    CHECK(w.engine.size() == 1);
  }

  TEST_CASE("to replace grants takes the role manage") {
    bulk_world w;
    auto& client = w.connect(1000, static_cast<core::role_set>(core::role::register_));
    client.send(request_text("POST", "/v1/instances?replace=true", "", line_of(1)));
    CHECK(error_of(client.take()) == "403 access_denied");
    auto const legacy = [](char const* token) {
      return line_of(1,
                     R"(,"grant":"refresh_token","refresh_token":")" + std::string{token} + "\"");
    };
    CHECK(member_of(w.request("POST", path, "", legacy("a")), "added") == "1");
    auto const conflict = w.request("POST", path, "", legacy("b"));
    CHECK(conflict.status == 200);
    CHECK(conflict.body.find("{\"line\":1,\"error\":\"grant_conflict\"") != std::string::npos);
    CHECK(member_of(w.request("POST", "/v1/instances?replace=true", "", legacy("b")), "known") ==
          "1");
  }

  TEST_CASE("without a store instances are registered, legacy grants are refused line by line") {
    bulk_world w{false};
    auto const answer =
        w.request("POST", path, "",
                  line_of(1) + line_of(2, R"(,"grant":"refresh_token","refresh_token":"r")"));
    CHECK(member_of(answer, "added") == "1");
    CHECK(answer.body.find("{\"line\":2,\"error\":\"store_required\"") != std::string::npos);
    CHECK(answer.body.find("\"r\"") == std::string::npos);
  }

  TEST_CASE("whoever loses the role adds nothing more, and is stopped at the end of a part") {
    bulk_world w;
    auto const body = lines_from(0, 2'500);
    auto& client = w.connect();
    client.send(head_of(path, "Content-Length: " + std::to_string(body.size())));
    client.send(body.substr(0, body.size() / 2));
    auto const before = w.engine.size();
    CHECK(before > 1'000);
    CHECK(before < 1'500);
    w.policy = core::access_policy::own_user_and_root(77, 65534);
    client.send(body.substr(body.size() / 2));
    auto const answer = client.take();
    CHECK(error_of(answer) == "403 access_denied");
    CHECK(member_of(answer, "lines") == "2000");
    CHECK(member_of(answer, "added") == std::to_string(before));
    CHECK(w.engine.size() == before);
  }

  TEST_CASE("a client that leaves ends its request, wherever that is") {
    bulk_world w;
    w.disk.latency = 1s;
    auto const body = lines_from(0, 1'500);
    auto& sending = w.connect();
    sending.send(head_of(path, "Content-Length: 1000000") + body);
    sending.leave();
    w.time.advance(5s);
    CHECK(w.server.connections() == 0);
    CHECK(w.disk.rows.size() == 1'500);

    auto& taking = w.connect();
    taking.send(head_of(std::string{path} + "?results=all",
                        "Content-Length: " + std::to_string(body.size())) +
                body);
    taking.reset();
    w.time.advance(10s);
    CHECK(w.server.connections() == 0);
    w.disk.latency = 0s;
    CHECK(w.request("POST", path, "", line_of(1)).status == 200);  // both places are free again
  }

  TEST_CASE("an app's instances are registered under its path") {
    bulk_world w;
    CHECK(w.request("POST", "/v1/apps/blog/instances", "", line_of(1)).status == 200);
    CHECK(error_of(w.get("/v1/instances/" + key_of(1).instance.to_string())) ==
          "404 unknown_instance");
    CHECK(w.get("/v1/apps/blog/instances/" + key_of(1).instance.to_string()).status == 200);
  }

  TEST_CASE("a hundred thousand results are told without being kept") {
    bulk_world w;
    std::string body;
    for (int i = 0; i < 100'000; ++i) body += "x\n";
    auto const answer = w.request("POST", std::string{path} + "?results=all", "", body);
    CHECK(answer.status == 200);
    CHECK(count(answer.body, "\"status\":400") == 100'000);
    CHECK(answer.body.find(
              "{\"line\":100000,\"status\":400,\"error\":\"invalid_body\"}\n{\"lines\"") !=
          std::string::npos);
  }
}

}  // namespace wixtokend::test
