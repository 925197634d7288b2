#include "net/stream_failure.hpp"

#include <doctest/doctest.h>

using namespace wixtokend;
using namespace wixtokend::net;

TEST_SUITE("net.stream_failure") {
  TEST_CASE("an ordinary error stays what it is") {
    error_code const reset = boost::asio::error::connection_reset;
    CHECK(stream_failure(reset, true) == reset);
    CHECK(stream_failure(reset, false) == reset);
  }

  TEST_CASE("an operation aborted by closing is an error, by cancellation an exception") {
    error_code const aborted = boost::asio::error::operation_aborted;
    CHECK(stream_failure(aborted, false) == errc::connection_closed);
    CHECK_THROWS_AS(stream_failure(aborted, true), boost::system::system_error);
  }
}
