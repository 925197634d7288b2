#pragma once
// The production engine as a contender: nothing of it is modelled.

#include "core/engine.hpp"
#include "sim/load/refresher.hpp"

#include <unordered_map>

namespace wixtokend::sim::load {

/// Drives `core::engine` as the service does.
class engine_refresher final : public refresher {
 public:
  engine_refresher(core::engine_policy const& policy, core::app_policy const& app,
                   std::size_t instances, std::uint64_t seed);

  void add(instance_number instance, instant now) override;
  instant add_warm(instance_number instance, double cycle, instant now) override;
  std::optional<attempt> next(instant now) override;
  void finished(attempt const& which, bool minted, instant sent, instant now) override;
  [[nodiscard]] instant wake_at() const override { return engine_.wake_at(); }
  found ask(instance_number instance, ticket caller, instant deadline, instant now) override;
  std::vector<ended_wait> take_ended() override;

  [[nodiscard]] core::engine const& engine() const noexcept { return engine_; }

 private:
  [[nodiscard]] secret new_token();

  core::engine_policy policy_;
  core::app_policy app_;
  core::random_source random_;  ///< for the warm start only
  core::engine engine_;
  std::vector<instance_key> keys_;
  std::unordered_map<std::uint64_t, ticket> callers_;
  std::uint64_t tokens_ = 0;
};

}  // namespace wixtokend::sim::load
