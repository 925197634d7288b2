#pragma once
// Signals as events of the loop.

#include "async/task.hpp"

#include <boost/asio/basic_signal_set.hpp>

namespace wixtokend::daemon {

enum class signal_event {
  stop,    ///< SIGTERM or SIGINT
  reload,  ///< SIGHUP
};

/// From its construction on these signals do not end the process any more; those that nobody
/// waits for are kept. Belongs to the loop's thread.
class signals {
 public:
  /// Throws `boost::system::system_error` if the signals cannot be caught.
  explicit signals(event_loop& loop);

  /// The next signal; the system's error if they cannot be waited for. Can be cancelled.
  task<result<signal_event>> next();

 private:
  asio::basic_signal_set<executor> set_;
};

}  // namespace wixtokend::daemon
