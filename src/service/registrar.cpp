#include "service/registrar.hpp"

#include <utility>

namespace wixtokend::service {

registrar::registrar(time_source& time, persistence& state, token_service& tokens,
                     bool allow_volatile)
    : time_{time},
      engine_{state.engine()},
      grants_{state.grants()},
      state_{state},
      tokens_{tokens},
      allow_volatile_{allow_volatile} {}

bool registrar::keeps_legacy() const noexcept {
  return state_.store() != nullptr && (state_.store()->persistent() || allow_volatile_);
}

registration_outcome registrar::add_now(instance_key const& key, registration&& wanted) {
  using enum registration_outcome;
  auto const now = time_.now();
  bool const legacy =
      wanted.how == core::grant::refresh_token || wanted.how == core::grant::authorization_code;
  if (legacy && !keeps_legacy()) return store_required;

  bool const has_token = grants_.has_refresh_token(key);
  bool const same = wanted.how == core::grant::refresh_token && has_token &&
                    grants_.is_refresh_token(key, wanted.credential);
  bool const replaces =
      has_token && !same &&
      (wanted.how == core::grant::client_credentials || wanted.how == core::grant::refresh_token);
  if (replaces && !wanted.replace) return grant_conflict;

  auto const before = engine_.view(key, now);
  bool const had_grant = before && (before->registered || before->generation != 0);
  auto const is_new = engine_.add(key, state_.floor_now(), now);
  if (!is_new) return full;
  auto outcome = *is_new ? added : known;

  if (wanted.how == core::grant::authorization_code) {
    auto const taken = take_code(key, std::move(wanted.credential), !had_grant);
    if (taken != known) outcome = taken;
  } else if (wanted.how == core::grant::refresh_token && !same) {
    grants_.set_refresh_token(key, std::move(wanted.credential));
    engine_.set_grant(key, core::grant::refresh_token, now);
    engine_.note_change(key);
  } else if (wanted.how == core::grant::client_credentials) {
    if (replaces) grants_.set_refresh_token(key, secret{});
    auto const seen = engine_.view(key, now);
    if (seen && seen->grant != core::grant::client_credentials) {
      engine_.set_grant(key, core::grant::client_credentials, now);
    }
  }
  return outcome;
}

// The code is offered to the engine when it is on the disk (`token_service::go_on_with_grant`).
registration_outcome registrar::take_code(instance_key const& key, secret code, bool is_new) {
  auto const now = time_.now();
  auto const digest = state_.store()->digest(code);
  auto const deadline = now + code_life;
  switch (grants_.offer(key, std::move(code), digest, deadline, now)) {
    case grant_book::offered::too_many: return registration_outcome::too_many_codes;
    case grant_book::offered::repeated: return registration_outcome::known;
    case grant_book::offered::taken: break;
  }
  if (is_new) engine_.set_grant(key, core::grant::none, now);  // nothing but the code, so far
  engine_.note_change(key);
  return registration_outcome::known;
}

task<registration_outcome> registrar::add(instance_key key, registration wanted) {
  auto const outcome = add_now(key, std::move(wanted));
  bool const taken =
      outcome == registration_outcome::added || outcome == registration_outcome::known;
  if (!taken) {
    tokens_.dispatch();
    co_return outcome;
  }
  auto const written = co_await settled();
  co_return written.has_value() ? outcome : registration_outcome::store_failed;
}

task<result<>> registrar::settled() {
  tokens_.dispatch();
  auto waiting = state_.settled();
  co_return co_await std::move(waiting);
}

task<registrar::removal_outcome> registrar::remove(instance_key key) {
  bool const known = engine_.view(key, time_.now()).has_value();
  state_.removed(key, retention::nothing);
  grants_.erase(key);
  engine_.remove(key);
  engine_.note_change(key);  // also if it is not known: what is retained of it goes as well
  auto const written = co_await settled();
  if (!written.has_value()) co_return removal_outcome::store_failed;
  co_return known ? removal_outcome::removed : removal_outcome::unknown;
}

task<registrar::removal_outcome> registrar::drop_token(instance_key key) {
  if (!engine_.drop_token(key, time_.now())) co_return removal_outcome::unknown;
  auto const written = co_await settled();
  co_return written.has_value() ? removal_outcome::removed : removal_outcome::store_failed;
}

task<std::optional<registration_outcome>> registrar::restore(instance_key key) {
  if (state_.store() == nullptr) co_return std::nullopt;
  // Its removal may wait to be written, and is what keeps the token back.
  auto const written = co_await settled();
  if (!written.has_value()) co_return registration_outcome::store_failed;
  auto asking = state_.store()->retained(key);
  auto kept = co_await std::move(asking);
  if (!kept.has_value()) co_return registration_outcome::store_failed;
  if (!kept->has_value()) co_return std::nullopt;
  registration wanted;
  wanted.how = core::grant::refresh_token;
  wanted.credential = *std::move(*kept);
  auto adding = add(key, std::move(wanted));
  auto const outcome = co_await std::move(adding);
  co_return outcome;
}

task<registrar::webhook_outcome> registrar::take(app_number app, webhook event) {
  instance_key const key{app, event.instance};
  if (event.event == webhook_event::installed) {
    auto adding = add(key, registration{});
    auto const outcome = co_await std::move(adding);
    bool const taken =
        outcome == registration_outcome::added || outcome == registration_outcome::known;
    co_return taken ? webhook_outcome::taken : webhook_outcome::store_failed;
  }
  if (event.event == webhook_event::removed) engine_.announce_removal(key, time_.now());
  auto const written = co_await settled();
  co_return written.has_value() ? webhook_outcome::taken : webhook_outcome::store_failed;
}

std::vector<code_view> registrar::codes(instance_key const& key) const {
  std::vector<code_view> out;
  auto const* const codes = grants_.codes(key);
  if (codes == nullptr) return out;
  // Nobody is told of a refresh token that is not on the disk yet: until then its code is pending.
  auto const known = engine_.view(key, time_.now());
  bool const being_kept =
      known && known->code_until && grants_.pending_until(key, *known->code_until) == nullptr;
  for (auto const& one : *codes) {
    bool const hidden = being_kept && one.outcome == code_outcome::exchanged;
    code_view seen;
    seen.outcome = hidden ? code_outcome::pending : one.outcome;
    seen.deadline = hidden ? *known->code_until : one.deadline;
    seen.why = one.why;
    out.push_back(std::move(seen));
  }
  return out;
}

bool registrar::load(loaded_instance&& known) {
  auto const key = known.instance.key;
  // A crash between the exchange of a code and the engine's word of it leaves the token only.
  if (!known.grant.refresh_token.empty()) known.instance.how = core::grant::refresh_token;
  grants_.load(key, std::move(known.grant));
  if (!engine_.restore(std::move(known.instance), state_.floor_now(), time_.now())) return false;
  tokens_.go_on_with_grant(key);
  return true;
}

}  // namespace wixtokend::service
