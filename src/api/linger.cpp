#include "api/linger.hpp"

#include "api/wiped_buffer.hpp"
#include "async/with_deadline.hpp"

#include <cstddef>
#include <utility>

namespace wixtokend::api {

task<> linger(net::byte_stream& stream, time_source& time, duration time_max) {
  constexpr std::size_t bytes_max = 4 * 1024 * 1024;
  constexpr std::size_t piece_size = 4096;
  stream.shutdown_write();
  auto const limit = saturating_add(time.now(), time_max);
  wiped_buffer thrown_away;  // it may be a body with a token
  std::size_t read = 0;
  while (read < bytes_max) {
    auto reading = stream.read_some(thrown_away.prepare(piece_size));
    auto const got = co_await with_deadline(time, limit, std::move(reading));
    if (!got.has_value() || *got == 0) co_return;
    thrown_away.commit(*got);
    thrown_away.clear();
    read += *got;
  }
}

}  // namespace wixtokend::api
