#include "daemon/healthcheck.hpp"

#include "async/system_time.hpp"
#include "async/task_group.hpp"
#include "async/with_deadline.hpp"
#include "http/codec.hpp"
#include "net/unix_socket.hpp"

#include <array>
#include <span>
#include <string>
#include <utility>

namespace wixtokend::daemon {
namespace {

task<result<http::response>> exchange(event_loop& loop, std::string socket, std::string request) {
  auto connected = co_await net::connect_unix(loop, std::move(socket));
  if (!connected.has_value()) co_return connected.error();
  auto const stream = *std::move(connected);
  auto const written = co_await stream->write_all(request);
  if (!written.has_value()) co_return written.error();

  http::response_decoder decoder{http::limits{}};
  std::array<char, 4096> buffer{};
  while (!decoder.complete()) {
    auto const count = co_await stream->read_some(std::span<char>{buffer});
    if (!count.has_value()) co_return count.error();
    if (*count == 0) {
      auto const finished = decoder.finish();
      if (!finished.has_value()) co_return finished.error();
      continue;
    }
    auto const taken = decoder.feed(std::string_view{buffer.data(), *count});
    if (!taken.has_value()) co_return taken.error();
  }
  co_return decoder.take();
}

task<> ask(event_loop& loop, time_source& time, healthcheck_action const& what, health& into) {
  http::request request{"GET", what.ready ? "/readyz" : "/healthz", {}, {}, false};
  request.headers.add("Host", "localhost");
  auto operation = exchange(loop, what.socket, http::encode(request));
  auto const limit = saturating_add(time.now(), what.timeout);
  auto const answer = co_await with_deadline(time, limit, std::move(operation));
  if (!answer.has_value()) {
    into.text = describe(what.socket, answer.error());
    co_return;
  }
  into.good = answer->status == 200;
  into.text = answer->body.empty() ? "status " + std::to_string(answer->status) : answer->body;
}

}  // namespace

health check_health(healthcheck_action const& what) {
  health out;
  event_loop loop;
  system_time time{loop};
  task_group tasks{loop.get_executor(),
                   [](std::exception_ptr failure) { std::rethrow_exception(std::move(failure)); }};
  tasks.spawn(ask(loop, time, what, out));
  // The clock goes on watching its timer, so the loop would not end by itself.
  while (tasks.size() > 0 && loop.run_one() > 0) {
  }
  return out;
}

}  // namespace wixtokend::daemon
