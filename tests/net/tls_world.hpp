#pragma once
// A TLS server and a client in one loop, for tests of either.

#include "async/task_group.hpp"
#include "net/tls.hpp"
#include "net/tls_handshake.hpp"
#include "support/certificates.hpp"
#include "support/loopback.hpp"
#include "support/temporary_folder.hpp"
#include "support/virtual_time.hpp"

#include <doctest/doctest.h>
#include <openssl/pem.h>

#include <optional>

namespace wixtokend::net::test_world {

using namespace std::chrono_literals;
using connected = result<std::unique_ptr<byte_stream>>;

inline task<> store(task<connected> work, std::optional<connected>& into) {
  into.emplace(co_await std::move(work));
}

inline task<connected> accept_and_shake(tcp_listener& listener, tls_server_context& identity,
                                        time_source& time, instant limit) {
  auto accepted = co_await listener.accept();
  if (!accepted.has_value()) co_return accepted.error();
  co_return co_await identity.handshake(std::move(*accepted), time, limit);
}

inline task<connected> accept_with_engine(tcp_listener& listener, openssl::connection engine) {
  auto accepted = co_await listener.accept();
  if (!accepted.has_value()) co_return accepted.error();
  keep_session nowhere;
  co_return co_await shake_hands(std::move(*accepted), std::move(engine), std::move(nowhere));
}

// One authority that the client trusts, another that it does not. Keys are made once: it is slow.
inline test::certificate_authority const& trusted() {
  static test::certificate_authority const authority{"trusted"};
  return authority;
}
inline test::certificate_authority const& foreign() {
  static test::certificate_authority const authority{"foreign"};
  return authority;
}

struct tls_world {
  tls_world() { test::resolve_all_to_loopback(loop); }

  std::unique_ptr<tls_server_context> server_context(test::server_identity const& identity) {
    return tls_server_context::create(identity.certificate_pem, identity.key_pem).value();
  }

  // Both sides' handshakes over a new connection.
  std::pair<connected, connected> shake(std::string host, tls_server_context& identity) {
    return shake(std::move(host), accept_and_shake(*listener, identity, time, time.now() + 10s));
  }
  std::pair<connected, connected> shake(std::string host, task<connected> serving) {
    std::optional<connected> server;
    std::optional<connected> client;
    auto connecting =
        trust->connect(loop, time, std::move(host), listener->port(), time.now() + 10s);
    asio::co_spawn(loop, store(std::move(serving), server), [](std::exception_ptr) {});
    asio::co_spawn(loop, store(std::move(connecting), client), [](std::exception_ptr) {});
    test::run_until(loop, [&] { return client.has_value() && server.has_value(); });
    return {std::move(*client), std::move(*server)};
  }
  // The client's error text against a server with that certificate.
  std::string refusal(std::string host, test::server_identity const& identity) {
    auto const context = server_context(identity);
    auto const [client, server] = shake(std::move(host), *context);
    CHECK(client.has_error());
    CHECK(server.has_error());
    return client.has_error() ? client.error().message() : "";
  }
  // An engine of the server's side, with what a test wants to change.
  openssl::context raw_server() {
    auto made = openssl::make_context(TLS_server_method());
    auto const identity = trusted().issue({});
    auto const certificate_bio = openssl::memory(identity.certificate_pem);
    auto const key_bio = openssl::memory(identity.key_pem);
    openssl::certificate const leaf{
        PEM_read_bio_X509(certificate_bio.get(), nullptr, nullptr, nullptr)};
    openssl::private_key const key{
        PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr)};
    REQUIRE(SSL_CTX_use_certificate(made.get(), leaf.get()) == 1);
    REQUIRE(SSL_CTX_use_PrivateKey(made.get(), key.get()) == 1);
    return made;
  }
  static openssl::connection engine_of(openssl::context const& context) {
    openssl::connection engine{SSL_new(context.get())};
    SSL_set_accept_state(engine.get());
    return engine;
  }

  event_loop loop;
  test::virtual_time time{loop};
  test::temporary_folder folder;
  task_group group{loop.get_executor(), [](std::exception_ptr e) { std::rethrow_exception(e); }};
  std::unique_ptr<tcp_listener> listener = tcp_listener::open(loop, "127.0.0.1", 0).value();
  std::unique_ptr<tls_client_context> trust =
      tls_client_context::create(folder.write("ca.pem", trusted().pem())).value();
};

}  // namespace wixtokend::net::test_world
