#pragma once
// Those who ask for tokens: each is a coroutine that does what the API does for one request.

#include "sim/draws.hpp"
#include "sim/world.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace wixtokend::sim {

/// Everybody who waits, and what they think of the tokens they got.
class callers {
 public:
  explicit callers(world& around);
  ~callers();
  callers(callers const&) = delete;
  callers& operator=(callers const&) = delete;

  /// Somebody asks for a token of an instance.
  /// @returns when they will have lost patience, and who they are; nothing if they are served or
  ///          will wait for as long as they said.
  struct departure {
    instant at{};
    std::uint64_t who = 0;
  };
  std::optional<departure> ask(std::size_t index);

  /// They leave, unless they have been answered.
  void leave(std::uint64_t who);

  /// Somebody asks what the upstream knows of a token.
  void question(std::size_t index);

  /// Ends all questions: they must not outlive the service. Who waits for a token is told by it.
  void hang_up();

  /// Says that the present token was refused, or another one.
  void report(std::size_t index, bool rightly);

  /// Reports that follow from answers, which are made when everything is at rest.
  void make_reports();

  [[nodiscard]] std::size_t waiting() const noexcept { return visits_.size(); }

 private:
  struct visit {
    checker::wait wait;
    core::peer_id peer;
    asio::cancellation_signal leave;
  };
  struct complaint {
    std::size_t index = 0;
    core::generation_number generation = 0;
    bool waits = false;  ///< asks for a newer one right away
  };
  class stay;

  task<> obtain(visit& who);
  task<> ask_upstream(instance_key key);
  std::uint64_t enter(checker::wait const& wait);
  void tell(complaint const& what);
  [[nodiscard]] core::token_needs draw_needs(std::size_t index);

  world& world_;
  draws draws_;
  std::unordered_map<std::uint64_t, visit> visits_;  // nodes stay where they are
  std::unordered_map<std::uint64_t, asio::cancellation_signal> questions_;
  std::vector<complaint> complaints_;
  std::uint64_t last_ = 0;
};

}  // namespace wixtokend::sim
