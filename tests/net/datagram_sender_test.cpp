#include "net/datagram_sender.hpp"

#include "support/datagram_receiver.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

using namespace wixtokend;
using namespace wixtokend::net;
using test::datagram_receiver;
using words = std::vector<std::string>;

TEST_SUITE("net.datagram_sender") {
  TEST_CASE("datagrams arrive whole and in order, at a path and at an abstract name") {
    test::temporary_folder const folder;
    for (auto const& address : {folder.path("s"), "@" + folder.path()}) {
      CAPTURE(address);
      datagram_receiver const to{address};
      auto const from = datagram_sender::to(address).value();
      CHECK(from.send("READY=1\nSTATUS=good", patience::second).has_value());
      CHECK(from.send("second", patience::none).has_value());
      CHECK(to.take() == words{"READY=1\nSTATUS=good", "second"});
    }
  }

  TEST_CASE("an address that is neither is refused, as is one that is too long") {
    std::string const long_path = "/" + std::string(107, 'a');
    for (auto const& address :
         {std::string{}, std::string{"relative"}, std::string{"vsock:2:1"}, std::string{"/"},
          std::string{"@"}, long_path, std::string{"/a\0b", 4}}) {
      CAPTURE(address);
      CHECK(datagram_sender::to(address).error() == errc::invalid_address);
    }
    CHECK(datagram_sender::to(long_path.substr(0, 107)).has_value());
  }

  TEST_CASE("that nobody listens shows when something is sent, and passes") {
    test::temporary_folder const folder;
    auto const from = datagram_sender::to(folder.path("s")).value();
    CHECK(from.send("x", patience::none).error().value() == ENOENT);
    datagram_receiver const to{folder.path("s")};
    CHECK(from.send("y", patience::none).has_value());
    CHECK(to.take() == words{"y"});
  }

  TEST_CASE("a receiver that does not read holds nobody up who has no patience") {
    test::temporary_folder const folder;
    datagram_receiver const to{folder.path("s")};
    auto const from = datagram_sender::to(to.address()).value();
    int sent = 0;
    while (from.send("x", patience::none).has_value()) REQUIRE(++sent < 100'000);
    CHECK(from.send("x", patience::none).error().value() == EAGAIN);
    CHECK(to.take().size() == static_cast<std::size_t>(sent));
  }
}
