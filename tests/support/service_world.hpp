#pragma once
// The service over the real engine, with a virtual clock and a scripted upstream.

#include "core/engine.hpp"
#include "service/registrar.hpp"
#include "service/token_service.hpp"
#include "support/engine_world.hpp"
#include "support/recording_logger.hpp"
#include "support/run_task.hpp"
#include "support/scripted_issuer.hpp"
#include "support/scripted_store.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/co_spawn.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace wixtokend::test {

/// One caller that waits for a token: what it came to, once it has.
struct caller {
  std::optional<service::token_service::waited> answer;
  std::optional<instant> answered_at;
  std::string token;  ///< what the choke point gave at that moment
  bool left = false;
  asio::cancellation_signal leave;
};

/// Everything that a test of the service, or of what stands on it, needs.
struct service_world {
  event_loop loop{1};
  virtual_time time{loop};
  scripted_issuer issuer{time};
  recording_logger log;
  scripted_store disk{time};
  core::engine engine;
  service::grant_book grants{fingerprint_key{"of a test"}};
  service::persistence state;
  service::token_service service;
  service::registrar registrar;
  std::vector<std::unique_ptr<caller>> callers;

  /// @param with_store  State is kept on `disk`.
  explicit service_world(core::engine_policy const& policy = {}, core::app_policy const& app = {},
                         bool with_store = false)
      : engine{policy, {app}, 1, 1'000},
        state{loop, time, engine, grants, log},
        service{loop, time, state, {{"main", &issuer}}, log},
        registrar{time, state, service, false} {
    if (with_store) state.attach(disk);
    state.start();
    service.start();
    time.settle();
  }

  ~service_world() { stop(); }

  /// The orderly end; once.
  void stop() {
    if (std::exchange(stopped, true)) return;
    asio::co_spawn(loop, service.stop(), [](std::exception_ptr) {});
    time.advance(service::token_service::exchange_time_max);
    asio::co_spawn(loop, state.stop(std::chrono::seconds{5}), [](std::exception_ptr) {});
    time.advance(std::chrono::seconds{5});
  }
  bool stopped = false;

  /// Registers an instance, in memory. @returns what came of it.
  service::registration_outcome add(instance_key const& key) {
    auto const outcome = registrar.add_now(key, {});
    service.dispatch();
    return outcome;
  }

  void remove(instance_key const& key) {
    engine.remove(key);
    service.dispatch();
  }

  caller& ask(instance_key const& key, duration wait = std::chrono::seconds{5},
              core::token_needs const& needs = {}, core::peer_id peer = {1000, 0});

  /// Asks, lets time pass, and returns the token or an empty string.
  std::string token_of(instance_key const& key) {
    auto& one = ask(key);
    time.advance(std::chrono::seconds{5});
    return one.token;
  }

 private:
  task<> wait_for(caller& who, instance_key key, core::token_needs needs, duration wait,
                  core::peer_id peer);
};

}  // namespace wixtokend::test
