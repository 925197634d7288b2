#include "service/token_info_cache.hpp"

#include "service/token_service.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <list>
#include <utility>

namespace wixtokend::service {

// One question that is out, and who else waits for what comes of it.
struct token_info_cache::question {
  core::generation_number generation = 0;
  std::optional<outcome> said;
  std::list<event*> listeners;
};

// Stands in the map while its coroutine asks; a caller that leaves lets the next one ask.
class token_info_cache::asking {
 public:
  asking(token_info_cache& owner, instance_key const& key, core::generation_number generation)
      : owner_{owner}, key_{key}, own_{std::make_shared<question>()} {
    own_->generation = generation;
    owner_.under_way_.insert_or_assign(key_, own_);
  }
  asking(asking const&) = delete;
  asking& operator=(asking const&) = delete;
  ~asking() {
    auto const found = owner_.under_way_.find(key_);
    if (found != owner_.under_way_.end() && found->second == own_) owner_.under_way_.erase(found);
    for (auto* const one : own_->listeners) one->set();
  }

  void ended(outcome said) { own_->said = std::move(said); }

 private:
  token_info_cache& owner_;
  instance_key key_;
  std::shared_ptr<question> own_;
};

class token_info_cache::listening {
 public:
  listening(std::shared_ptr<question> to, executor where)
      : over{where},
        to_{std::move(to)},
        place_{to_->listeners.insert(to_->listeners.end(), &over)} {}
  listening(listening const&) = delete;
  listening& operator=(listening const&) = delete;
  ~listening() { to_->listeners.erase(place_); }

  [[nodiscard]] std::optional<outcome> const& said() const noexcept { return to_->said; }

  event over;

 private:
  std::shared_ptr<question> to_;
  std::list<event*>::iterator place_;
};

task<std::optional<token_info_cache::outcome>> token_info_cache::ask(
    instance_key key, core::generation_number generation, std::uint32_t uid) {
  auto const where = co_await asio::this_coro::executor;
  auto& time = tokens_.time();
  for (;;) {
    if (auto const* const known = find(key, generation, time.now())) co_return outcome{*known};
    auto const found = under_way_.find(key);
    if (found == under_way_.end() || found->second->generation != generation) break;
    listening listener{found->second, where};
    co_await listener.over.wait();
    if (listener.said()) co_return *listener.said();
  }
  auto const now = time.now();
  auto const token = tokens_.serve(key, {});
  if (!token || token->generation != generation) co_return std::nullopt;
  core::peer_id const who{uid, 0};
  if (!limits_.try_take(who, now)) co_return outcome{too_many(who, now)};

  auto const until = std::min(saturating_add(now, life_max), token->usable_until);
  asking own{*this, key, generation};
  auto asked =
      tokens_.info(key);  // of the very token that was looked up: nothing is awaited between
  auto answer = co_await std::move(asked);
  if (!answer) co_return std::nullopt;
  if (auto const* const failed = std::get_if<core::failure>(&*answer)) {
    own.ended(*failed);
    co_return outcome{*failed};
  }
  auto& info = std::get<token_info>(*answer);
  own.ended(info);
  keep(key, {generation, until, info}, time.now());
  co_return outcome{std::move(info)};
}

token_info const* token_info_cache::find(instance_key const& key,
                                         core::generation_number generation, instant now) const {
  auto const found = kept_.find(key);
  if (found == kept_.end()) return nullptr;
  auto const& answer = found->second;
  return answer.generation == generation && now < answer.until ? &answer.info : nullptr;
}

core::refusal token_info_cache::too_many(core::peer_id who, instant now) const {
  core::refusal refused;
  refused.reason = core::refusal_reason::too_many;
  refused.retry_after = limits_.available_at(who) - now;
  return refused;
}

void token_info_cache::keep(instance_key const& key, kept_answer answer, instant now) {
  if (kept_.size() >= size_max_ && !kept_.contains(key)) {
    std::erase_if(kept_, [now](auto const& one) { return one.second.until <= now; });
    if (kept_.size() >= size_max_) {
      kept_.erase(
          std::ranges::min_element(kept_, {}, [](auto const& one) { return one.second.until; }));
    }
  }
  kept_.insert_or_assign(key, std::move(answer));
}

}  // namespace wixtokend::service
