#pragma once
// The store that a configuration names: opened, and all that it knows given to the domain.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "core/engine.hpp"
#include "daemon/config.hpp"
#include "daemon/service_manager.hpp"
#include "observe/log.hpp"
#include "service/persistence.hpp"
#include "service/registrar.hpp"
#include "store/sqlite_store.hpp"

#include <cstdint>
#include <memory>

namespace wixtokend::daemon {

/// Who gets what a store knows, and who writes to it from then on; and who waits meanwhile.
struct store_users {
  core::engine& engine;
  service::registrar& registrar;
  service::persistence& state;
  service_manager& manager;
};

/// How long a store of this size may take until its first instance is read, on a slow disk: all of
/// it is verified before.
[[nodiscard]] duration verification_time_max(std::uintmax_t size_bytes) noexcept;

/// Opens the configured store, restores instances, grants, generations and rates, puts the floor
/// of generations under all of them, and attaches the store to `users.state`. To be called once,
/// before anything is registered or started. Takes the keys out of the settings. Blocks for
/// seconds per million instances, and tells the service manager how far it has come.
///
/// @returns null if none is configured. It must be destroyed before the loop, and outlive `users`'
///          work on it.
/// Throws `startup_error`: `store` if it cannot be used, `configuration` if it holds more instances
/// than `limits.max_instances`.
[[nodiscard]] std::unique_ptr<store::sqlite_store> open_store(event_loop& loop, time_source& time,
                                                              configuration& settings,
                                                              store_users const& users,
                                                              observe::logger& log);

}  // namespace wixtokend::daemon
