#pragma once
// The production engine and service in a world where nothing is real.

#include "core/engine.hpp"
#include "observe/log.hpp"
#include "service/registrar.hpp"
#include "service/token_service.hpp"
#include "sim/checker.hpp"
#include "sim/ledger.hpp"
#include "sim/model.hpp"
#include "sim/scenario.hpp"
#include "sim/upstream.hpp"
#include "support/virtual_time.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <vector>

namespace wixtokend::sim {

/// Writes nothing.
class silent_logger final : public observe::logger {
 public:
  [[nodiscard]] bool enabled(observe::log_level) const noexcept override { return false; }
  void write(observe::log_level, std::string_view,
             std::initializer_list<observe::log_field>) noexcept override {}
};

/// Owns everything. What must not outlive the loop's coroutines stands before them.
class world {
 public:
  world(std::uint64_t seed, std::size_t instances, double days);
  world(world const&) = delete;
  world& operator=(world const&) = delete;
  ~world();

  /// Registers all instances and starts the service.
  void start();

  /// Ends what the service does, so that the loop comes to rest whatever has become of it.
  void halt();

  /// Stops the service, and starts another one with a new engine.
  /// @param remember  Bring back what a store would have kept; else it begins with registrations.
  void restart(bool remember);

  /// Puts another policy in force, as a reload does.
  void configure(std::size_t app, core::app_policy const& policy);

  [[nodiscard]] service::token_service& service() noexcept { return *service_; }
  /// Registers an instance. @returns whether it was not registered before; nothing: no room.
  std::optional<bool> add(instance_key const& key);
  /// @returns false if it is not known.
  bool remove(instance_key const& key);
  bool drop_token(instance_key const& key);
  [[nodiscard]] instance_key const& key_of(std::size_t index) const noexcept {
    return known.at(index).key;
  }

  event_loop loop{1};
  test::virtual_time time{loop, 100'000};
  scenario const plan;
  ledger book{time};
  model known{plan};
  checker check{plan, known, book};

 private:
  void begin();
  void stop();
  void register_all(std::vector<std::size_t> const& which);
  [[nodiscard]] std::vector<checker::memory> memories() const;
  [[nodiscard]] bool bring_back(checker::memory const& from);
  [[nodiscard]] core::generation_number floor() const noexcept;

  silent_logger log_;
  std::deque<upstream> upstreams_;
  std::unique_ptr<core::engine> engine_;
  service::grant_book grants_{fingerprint_key{"of a simulation"}};
  std::unique_ptr<service::persistence> state_;
  std::unique_ptr<service::token_service> service_;
  std::unique_ptr<service::registrar> registrar_;
  std::uint64_t starts_ = 0;
};

}  // namespace wixtokend::sim
