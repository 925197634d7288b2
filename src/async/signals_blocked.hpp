#pragma once
// Helper threads take no signals: those are the main thread's business.

#include <pthread.h>

#include <csignal>

namespace wixtokend {

/// Blocks all signals in this thread while it lives. A thread that is started meanwhile inherits
/// that, and keeps it.
class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  signals_blocked(signals_blocked const&) = delete;
  signals_blocked& operator=(signals_blocked const&) = delete;
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace wixtokend
