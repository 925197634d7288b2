#pragma once
// What the upstream says of tokens that are current here, asked seldom.

#include "async/event.hpp"
#include "async/task.hpp"
#include "base/instance_id.hpp"
#include "base/time.hpp"
#include "core/engine_types.hpp"
#include "core/peer_limits.hpp"
#include "core/upstream.hpp"
#include "service/token_info.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <variant>

namespace wixtokend::service {

class token_service;

/// Token Info with a short memory: one question at a time about a token, shared by all who have it,
/// and a limit for each user on the questions that go out. A token is known by its instance and
/// generation, so its bytes are not kept here. Belongs to the loop's thread.
class token_info_cache {
 public:
  /// How long an answer holds at most; never past the end of its token.
  static constexpr duration life_max = std::chrono::seconds{30};
  /// Questions that one user may cause.
  static constexpr double per_second_of_uid = 4;

  /// @param size_max  Answers that are kept; the one that ends first goes.
  explicit token_info_cache(token_service& tokens, std::size_t size_max = 1'000) noexcept
      : tokens_{tokens}, size_max_{size_max} {}
  token_info_cache(token_info_cache const&) = delete;
  token_info_cache& operator=(token_info_cache const&) = delete;

  /// What was said; or why nothing was; or `too_many` of this user.
  using outcome = std::variant<token_info, core::failure, core::refusal>;

  /// Asks about a generation of an instance. Only answers are remembered, not failures.
  /// @returns nothing if the generation is not the current one, or not usable any more.
  task<std::optional<outcome>> ask(instance_key key, core::generation_number generation,
                                   std::uint32_t uid);

  [[nodiscard]] std::size_t size() const noexcept { return kept_.size(); }

 private:
  struct kept_answer {
    core::generation_number generation = 0;
    instant until{};
    token_info info;
  };
  struct question;
  class asking;
  class listening;

  [[nodiscard]] token_info const* find(instance_key const& key, core::generation_number generation,
                                       instant now) const;
  [[nodiscard]] core::refusal too_many(core::peer_id who, instant now) const;
  void keep(instance_key const& key, kept_answer answer, instant now);

  token_service& tokens_;
  std::size_t size_max_;
  core::peer_limits limits_{per_second_of_uid};
  std::map<instance_key, kept_answer> kept_;
  std::map<instance_key, std::shared_ptr<question>> under_way_;
};

}  // namespace wixtokend::service
