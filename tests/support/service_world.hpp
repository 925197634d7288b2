#pragma once
// The service over the real engine, with a virtual clock and a scripted upstream.

#include "core/engine.hpp"
#include "service/token_service.hpp"
#include "support/engine_world.hpp"
#include "support/recording_logger.hpp"
#include "support/run_task.hpp"
#include "support/scripted_issuer.hpp"
#include "support/virtual_time.hpp"

#include <boost/asio/co_spawn.hpp>

#include <memory>
#include <optional>
#include <string>
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
  core::engine engine;
  service::token_service service;
  std::vector<std::unique_ptr<caller>> callers;

  explicit service_world(core::engine_policy const& policy = {}, core::app_policy const& app = {})
      : engine{policy, {app}, 1, 1'000}, service{loop, time, engine, {{"main", &issuer}}, log} {
    service.start();
    time.settle();
  }

  ~service_world() {
    run_task(loop, service.stop());
    time.settle();
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
