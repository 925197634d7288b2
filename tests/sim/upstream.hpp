#pragma once
// The upstream of one app, as the scenario tells it to be.

#include "async/time_source.hpp"
#include "service/ports.hpp"
#include "sim/checker.hpp"
#include "sim/draws.hpp"
#include "sim/model.hpp"
#include "sim/scenario.hpp"

#include <cstddef>
#include <optional>
#include <variant>

namespace wixtokend::sim {

/// Decides what becomes of a request when it arrives, and answers later; every request ends within
/// the total timeout of 10 s. The checker is told of each.
class upstream final : public service::token_source {
 public:
  upstream(time_source& time, scenario const& plan, std::size_t app, model& known, checker& check);

  task<std::variant<core::minted, core::failure>> mint(service::mint_request request) override;
  task<std::variant<service::token_info, core::failure>> info(secret token) override;
  [[nodiscard]] std::optional<instance_id> named_in(secret const&) const override { return {}; }
  [[nodiscard]] std::optional<std::chrono::seconds> last_clock_offset() const noexcept override {
    return {};
  }

 private:
  struct reply {
    duration latency{};
    std::optional<core::failure> failed;
    issued_token token;  ///< if it has not failed
  };
  class presence;

  reply decide(std::size_t index, bool mint);
  void apply_weather(phase const& now, reply& into);
  void apply_trouble(std::size_t index, phase const& now, reply& into);
  issued_token issue(std::size_t index, duration life);
  [[nodiscard]] duration draw_life();

  time_source& time_;
  scenario const& plan_;
  app_plan const& app_;
  model& known_;
  checker& check_;
  draws draws_;
};

}  // namespace wixtokend::sim
