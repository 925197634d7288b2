#pragma once
// With what a program of ours ends: the numbers of sysexits(3h), documented in docs/operations.md.

namespace wixtokend::daemon {

enum class exit_code : int {
  clean = 0,           ///< done; also: stopped by SIGTERM or SIGINT
  unhealthy = 1,       ///< `healthcheck`: not alive, or not ready
  usage = 64,          ///< the command line is wrong
  unavailable = 69,    ///< a socket is in use by a live process
  internal = 70,       ///< a bug or a lack of memory ended the process
  system_error = 71,   ///< the kernel refused something that is always needed
  cannot_create = 73,  ///< a socket's file cannot be created, or be given its owner
  store = 74,          ///< the store cannot be used; or `check --store` found it damaged
  configuration = 78,  ///< the configuration, or a file that it names, is of no use
};

}  // namespace wixtokend::daemon
