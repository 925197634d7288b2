#include "net/tls.hpp"

#include "net/tls_world.hpp"

#include <boost/asio/error.hpp>
#include <doctest/doctest.h>

#include <optional>

using namespace wixtokend;
using namespace wixtokend::net;
using namespace wixtokend::net::test_world;
using test::read_text;
using test::run_task;
using test::run_until;

TEST_SUITE("net.tls") {
  TEST_CASE("a trusted certificate of the right name lets bytes through, both ways") {
    tls_world w;
    auto const context = w.server_context(trusted().issue({}));
    auto [client, server] = w.shake("localhost", *context);
    REQUIRE(client.has_value());
    REQUIRE(server.has_value());
    REQUIRE(run_task(w.loop, (*client)->write_all("question")).has_value());
    CHECK(read_text(w.loop, **server) == "question");
    REQUIRE(run_task(w.loop, (*server)->write_all("answer")).has_value());
    CHECK(read_text(w.loop, **client) == "answer");
    (*server)->close();
    CHECK(read_text(w.loop, **client).empty());
  }

  TEST_CASE("an address is checked against the certificate's addresses") {
    tls_world w;
    CHECK(w.shake("127.0.0.1", *w.server_context(trusted().issue({}))).first.has_value());
    test::certificate_content other;
    other.addresses = {"127.0.0.2"};
    CHECK(w.refusal("127.0.0.1", trusted().issue(other)) == "IP address mismatch");
    other.names = {"127.0.0.1"};  // a name that looks like an address is none
    CHECK(w.refusal("127.0.0.1", trusted().issue(other)) == "IP address mismatch");
  }

  TEST_CASE("names are checked as RFC 6125 says") {
    tls_world w;
    test::certificate_content content;
    content.names = {"*.example.com", "f*.example.net"};
    auto const identity = trusted().issue(content);
    auto const context = w.server_context(identity);
    CHECK(w.shake("a.example.com", *context).first.has_value());
    CHECK(w.shake("A.Example.Com", *context).first.has_value());
    CHECK(w.refusal("a.b.example.com", identity) == "hostname mismatch");
    CHECK(w.refusal("example.com", identity) == "hostname mismatch");
    CHECK(w.refusal("foo.example.net", identity) == "hostname mismatch");
  }

  TEST_CASE("each defect of a certificate is named") {
    tls_world w;
    CHECK(w.refusal("wrong.example.com", trusted().issue({})) == "hostname mismatch");
    CHECK(w.refusal("localhost", foreign().issue({})) == "unable to get local issuer certificate");
    test::certificate_content content;
    content.valid_until = -60s;
    CHECK(w.refusal("localhost", trusted().issue(content)) == "certificate has expired");
    content.valid_from = 60s;
    content.valid_until = 3600s;
    CHECK(w.refusal("localhost", trusted().issue(content)) == "certificate is not yet valid");
    // The chain may carry its own authority: that does not make it trusted.
    auto chained = foreign().issue({});
    chained.certificate_pem += foreign().pem();
    CHECK(w.refusal("localhost", chained) == "self-signed certificate in certificate chain");
  }

  TEST_CASE("without a CA file the system's store is used, which does not know ours") {
    tls_world w;
    w.trust = tls_client_context::create(std::nullopt).value();
    CHECK(w.refusal("localhost", trusted().issue({})) == "unable to get local issuer certificate");
  }

  TEST_CASE("TLS 1.1 is refused by the client and by the server") {
    tls_world w;
    auto raw = w.raw_server();
    SSL_CTX_set_cipher_list(raw.get(), "ALL:@SECLEVEL=0");
    SSL_CTX_set_security_level(raw.get(), 0);
    REQUIRE(SSL_CTX_set_min_proto_version(raw.get(), TLS1_VERSION) == 1);
    REQUIRE(SSL_CTX_set_max_proto_version(raw.get(), TLS1_1_VERSION) == 1);
    auto serving = accept_with_engine(*w.listener, tls_world::engine_of(raw));
    auto const [client, server] = w.shake("localhost", std::move(serving));
    CHECK(client.has_error());
    CHECK(server.error().message() == "unsupported protocol");

    auto const context = w.server_context(trusted().issue({}));
    openssl::context old{SSL_CTX_new(TLS_client_method())};
    SSL_CTX_set_security_level(old.get(), 0);
    REQUIRE(SSL_CTX_set_min_proto_version(old.get(), TLS1_VERSION) == 1);
    REQUIRE(SSL_CTX_set_max_proto_version(old.get(), TLS1_1_VERSION) == 1);
    openssl::connection engine{SSL_new(old.get())};
    SSL_set_connect_state(engine.get());
    std::optional<connected> served;
    std::optional<connected> asked;
    auto accepting = accept_and_shake(*w.listener, *context, w.time, w.time.now() + 10s);
    asio::co_spawn(w.loop, store(std::move(accepting), served), [](std::exception_ptr) {});
    auto plain = run_task(
        w.loop, connect_tcp(w.loop, w.time, "127.0.0.1", w.listener->port(), w.time.now() + 1s));
    auto asking = shake_hands(std::move(*plain), std::move(engine), keep_session{});
    asio::co_spawn(w.loop, store(std::move(asking), asked), [](std::exception_ptr) {});
    run_until(w.loop, [&] { return served.has_value() && asked.has_value(); });
    CHECK(served->error().message() == "unsupported protocol");
    CHECK(asked->error().message() == "tlsv1 alert protocol version");
  }

  TEST_CASE("the second connection resumes the first one's session, for the same name only") {
    tls_world w;
    for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      CAPTURE(version);
      w.trust = tls_client_context::create(w.folder.path("ca.pem")).value();
      auto raw = w.raw_server();
      REQUIRE(SSL_CTX_set_max_proto_version(raw.get(), version) == 1);
      auto const reused = [&](std::string const& host) {
        auto engine = tls_world::engine_of(raw);
        auto* const watched = engine.get();
        auto serving = accept_with_engine(*w.listener, std::move(engine));
        auto const [client, server] = w.shake(host, std::move(serving));
        REQUIRE(client.has_value());
        REQUIRE(run_task(w.loop, (*server)->write_all("x")).has_value());
        CHECK(read_text(w.loop, **client) == "x");  // the ticket of TLS 1.3 came before it
        return SSL_session_reused(watched) == 1;
      };
      CHECK_FALSE(reused("localhost"));
      CHECK(reused("localhost"));
      CHECK(reused("localhost"));
      CHECK_FALSE(reused("127.0.0.1"));
    }
  }

  TEST_CASE("ALPN offers HTTP/1.1, and so does the server") {
    tls_world w;
    auto raw = w.raw_server();
    SSL_CTX_set_alpn_select_cb(
        raw.get(),
        [](SSL*, unsigned char const** out, unsigned char* size, unsigned char const* in, unsigned,
           void*) {
          *out = in + 1;
          *size = in[0];
          return SSL_TLSEXT_ERR_OK;
        },
        nullptr);
    auto engine = tls_world::engine_of(raw);
    auto* const watched = engine.get();
    auto serving = accept_with_engine(*w.listener, std::move(engine));
    auto const both = w.shake("localhost", std::move(serving));
    REQUIRE(both.second.has_value());
    unsigned char const* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(watched, &chosen, &size);
    CHECK(std::string{chosen, chosen + size} == "http/1.1");
    CHECK(std::string{SSL_get_servername(watched, TLSEXT_NAMETYPE_host_name)} == "localhost");
  }

  TEST_CASE("a handshake that hangs ends at its limit, on either side") {
    tls_world w;
    std::optional<connected> client;
    w.group.spawn(
        store(w.trust->connect(w.loop, w.time, "localhost", w.listener->port(), w.time.now() + 2s),
              client));
    auto const silent = run_task(w.loop, w.listener->accept()).value();
    w.time.advance(1999ms);
    CHECK_FALSE(client.has_value());
    w.time.advance(1ms);
    run_until(w.loop, [&] { return client.has_value(); });
    CHECK(client->error() == errc::timed_out);

    auto const context = w.server_context(trusted().issue({}));
    std::optional<connected> server;
    w.group.spawn(
        store(accept_and_shake(*w.listener, *context, w.time, w.time.now() + 5s), server));
    auto const mute = run_task(
        w.loop, connect_tcp(w.loop, w.time, "127.0.0.1", w.listener->port(), w.time.now() + 1s));
    w.time.settle();
    w.time.advance(5s);
    run_until(w.loop, [&] { return server.has_value(); });
    CHECK(server->error() == errc::timed_out);
  }

  TEST_CASE("a handshake can be cancelled") {
    tls_world w;
    std::optional<connected> client;
    w.group.spawn(
        store(w.trust->connect(w.loop, w.time, "localhost", w.listener->port(), never), client));
    auto const silent = run_task(w.loop, w.listener->accept()).value();
    w.time.settle();
    w.group.stop();
    run_until(w.loop, [&] { return w.group.size() == 0; });
    CHECK_FALSE(client.has_value());
  }

  TEST_CASE("a server that is not TLS, or gone, gives an error that says so") {
    tls_world w;
    std::optional<connected> client;
    w.group.spawn(
        store(w.trust->connect(w.loop, w.time, "localhost", w.listener->port(), never), client));
    auto const plain = run_task(w.loop, w.listener->accept()).value();
    SUBCASE("plain text") {
      REQUIRE(run_task(w.loop, plain->write_all("HTTP/1.1 400 Bad Request\r\n\r\n")).has_value());
      run_until(w.loop, [&] { return client.has_value(); });
      CHECK(client->error().message() == "wrong version number");
    }
    SUBCASE("closed") {
      static_cast<void>(read_text(w.loop, *plain));
      plain->close();
      run_until(w.loop, [&] { return client.has_value(); });
      CHECK(client->error() == errc::connection_closed);
    }
    SUBCASE("reset") {
      static_cast<void>(read_text(w.loop, *plain));
      plain->reset();
      run_until(w.loop, [&] { return client.has_value(); });
      CHECK(client->error() == asio::error::connection_reset);
    }
  }

  TEST_CASE("a client that speaks plain HTTP is refused by the server") {
    tls_world w;
    auto const context = w.server_context(trusted().issue({}));
    std::optional<connected> server;
    w.group.spawn(store(accept_and_shake(*w.listener, *context, w.time, never), server));
    auto const client =
        run_task(w.loop, connect_tcp(w.loop, w.time, "127.0.0.1", w.listener->port(), never))
            .value();
    REQUIRE(run_task(w.loop, client->write_all("GET / HTTP/1.1\r\n\r\n")).has_value());
    run_until(w.loop, [&] { return server.has_value(); });
    CHECK(server->error().message() == "http request");
  }

  TEST_CASE("a CA file that is missing, no PEM, damaged, or empty is refused") {
    test::temporary_folder const folder;
    auto const error_of = [](std::string const& path) {
      auto const made = tls_client_context::create(path);
      return made.has_value() ? error_code{} : made.error();
    };
    CHECK(error_of(folder.path("none.pem")) == errc::file_unreadable);
    CHECK(error_of(folder.path()) == errc::file_unreadable);
    CHECK(error_of(folder.write("large.pem", std::string(5 * 1024 * 1024, 'x'))) ==
          errc::file_unreadable);
    CHECK(error_of(folder.write("empty.pem", "")) == errc::tls_setup);
    CHECK(error_of(folder.write("text.pem", "no certificate here\n")) == errc::tls_setup);
    auto damaged = trusted().pem();
    damaged[damaged.size() / 2] = '!';
    CHECK(error_of(folder.write("damaged.pem", trusted().pem() + damaged)) == errc::tls_setup);
    CHECK_FALSE(error_of(folder.write("two.pem", foreign().pem() + "\n" + trusted().pem())));
    CHECK_FALSE(error_of(folder.write("twice.pem", trusted().pem() + trusted().pem())));
  }

  TEST_CASE("a certificate and a key that do not belong together are refused") {
    auto const first = trusted().issue({});
    auto const second = trusted().issue({});
    auto const error_of = [](std::string const& certificate, std::string const& key) {
      auto const made = tls_server_context::create(certificate, key);
      return made.has_value() ? error_code{} : made.error();
    };
    CHECK_FALSE(error_of(first.certificate_pem, first.key_pem));
    CHECK_FALSE(error_of(first.certificate_pem + trusted().pem(), first.key_pem));
    CHECK(error_of(first.certificate_pem, second.key_pem) == errc::tls_setup);
    CHECK(error_of("", first.key_pem) == errc::tls_setup);
    CHECK(error_of(first.certificate_pem, "") == errc::tls_setup);
    CHECK(error_of(first.key_pem, first.key_pem) == errc::tls_setup);
    CHECK(error_of("garbage", "garbage") == errc::tls_setup);
  }
}
