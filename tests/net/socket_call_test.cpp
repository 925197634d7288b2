#include "net/socket_call.hpp"

#include "net/unix_address.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace wixtokend;
using namespace wixtokend::net;

TEST_SUITE("net.socket_call") {
  TEST_CASE("sockets are made non-blocking and close-on-exec") {
    auto const made = create_stream_socket(AF_UNIX);
    REQUIRE(made.has_value());
    CHECK((::fcntl(*made, F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(*made, F_GETFD) & FD_CLOEXEC) != 0);
    ::close(*made);
    CHECK(create_stream_socket(-1).has_error());
  }

  TEST_CASE("accepting takes what waits, and says -1 when nothing does") {
    test::temporary_folder folder;
    auto const path = folder.path("s");
    auto const listener = create_stream_socket(AF_UNIX).value();
    auto const address = unix_address::of(path);
    REQUIRE(::bind(listener, address->get(), unix_address::size()) == 0);
    REQUIRE(::listen(listener, 4) == 0);
    CHECK(accept_one(listener).value() == -1);
    auto const client = connect_unix_now(path).value();
    auto const server = accept_one(listener);
    REQUIRE(server.has_value());
    REQUIRE(*server >= 0);
    CHECK((::fcntl(*server, F_GETFL) & O_NONBLOCK) != 0);
    CHECK((::fcntl(*server, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(accept_one(listener).value() == -1);
    for (int const descriptor : {listener, client, *server}) ::close(descriptor);
  }

  TEST_CASE("an error that concerns the listener is returned") {
    CHECK(accept_one(-1).error().value() == EBADF);
    auto const not_listening = create_stream_socket(AF_UNIX).value();
    CHECK(accept_one(not_listening).error().value() == EINVAL);
    ::close(not_listening);
  }
}
