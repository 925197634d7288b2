#include "daemon/signals.hpp"

#include <csignal>

namespace wixtokend::daemon {

signals::signals(event_loop& loop) : set_{loop.get_executor(), SIGTERM, SIGINT, SIGHUP} {}

task<result<signal_event>> signals::next() {
  auto const [reason, number] = co_await set_.async_wait(use_task_tuple);
  if (reason) co_return reason;
  co_return number == SIGHUP ? signal_event::reload : signal_event::stop;
}

}  // namespace wixtokend::daemon
