#include "service/grant_book.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::service {
namespace {

constexpr std::size_t remembered_max = 32;  // codes of one instance, with and without outcome

saved_code copy_of(saved_code const& code) {
  saved_code out;
  out.digest = code.digest;
  out.outcome = code.outcome;
  out.code = code.code.copy();
  out.deadline = code.deadline;
  out.why = code.why;
  return out;
}

}  // namespace

grant_book::grant const* grant_book::find(instance_key const& key) const noexcept {
  auto const found = grants_.find(key);
  return found == grants_.end() ? nullptr : &found->second;
}

void grant_book::load(instance_key const& key, saved_grant&& known) {
  if (known.refresh_token.empty() && known.codes.empty()) return;
  auto& one = grants_[key];
  forget_holder(key, one);
  one.kept = std::move(known);
  remember_holder(key, one);
}

// The one place where a refresh token changes, but for `load`.
void grant_book::keep(instance_key const& key, grant& one, secret token) {
  forget_holder(key, one);
  one.kept.refresh_token = std::move(token);
  one.changed = true;
  remember_holder(key, one);
}

void grant_book::remember_holder(instance_key const& key, grant& one) {
  if (one.kept.refresh_token.empty()) return;
  one.found_by = key_.of(one.kept.refresh_token);
  holders_.emplace(one.found_by, key);
}

void grant_book::forget_holder(instance_key const& key, grant const& one) {
  if (one.kept.refresh_token.empty()) return;
  auto const [first, last] = holders_.equal_range(one.found_by);
  auto const place =
      std::find_if(first, last, [&](auto const& each) { return each.second == key; });
  if (place != last) holders_.erase(place);
}

void grant_book::erase(instance_key const& key) {
  auto const found = grants_.find(key);
  if (found == grants_.end()) return;
  forget_holder(key, found->second);
  grants_.erase(found);
}

std::vector<instance_key> grant_book::holders_of(app_number app, secret const& token) const {
  std::vector<instance_key> found;
  if (token.empty()) return found;
  auto const [first, last] = holders_.equal_range(key_.of(token));
  for (auto place = first; place != last; ++place) {
    auto const& key = place->second;
    if (key.app == app && is_refresh_token(key, token)) found.push_back(key);
  }
  std::ranges::sort(found);
  return found;
}

bool grant_book::has_refresh_token(instance_key const& key) const noexcept {
  auto const* const one = find(key);
  return one != nullptr && !one->kept.refresh_token.empty();
}

bool grant_book::is_refresh_token(instance_key const& key, secret const& token) const noexcept {
  auto const* const one = find(key);
  return one != nullptr && one->kept.refresh_token == token;
}

void grant_book::set_refresh_token(instance_key const& key, secret token) {
  keep(key, grants_[key], std::move(token));
}

// Only what is over may be forgotten.
void grant_book::forget_old(saved_grant& kept, instant now) {
  std::erase_if(kept.codes, [now](saved_code const& one) {
    return one.outcome != code_outcome::pending && one.deadline <= now;
  });
  while (kept.codes.size() > remembered_max) {
    auto const over = std::ranges::find_if(
        kept.codes, [](saved_code const& one) { return one.outcome != code_outcome::pending; });
    if (over == kept.codes.end()) return;
    kept.codes.erase(over);
  }
}

grant_book::offered grant_book::offer(instance_key const& key, secret code,
                                      code_digest const& digest, instant deadline, instant now) {
  auto const* const known = find(key);
  if (known != nullptr) {
    auto const& codes = known->kept.codes;
    bool const seen = std::ranges::find(codes, digest, &saved_code::digest) != codes.end();
    if (seen) return offered::repeated;
    auto const waiting = std::ranges::count(codes, code_outcome::pending, &saved_code::outcome);
    if (static_cast<std::size_t>(waiting) >= pending_max) return offered::too_many;
  }
  auto& one = grants_[key];
  forget_old(one.kept, now);
  saved_code fresh;
  fresh.digest = digest;
  fresh.code = std::move(code);
  fresh.deadline = deadline;
  one.kept.codes.push_back(std::move(fresh));
  one.changed = true;
  return offered::taken;
}

saved_code const* grant_book::pending(instance_key const& key) const noexcept {
  auto const* const one = find(key);
  if (one == nullptr) return nullptr;
  auto const& codes = one->kept.codes;
  auto const newest = std::find_if(codes.rbegin(), codes.rend(), [](saved_code const& code) {
    return code.outcome == code_outcome::pending;
  });
  return newest == codes.rend() ? nullptr : &*newest;
}

std::vector<saved_code> const* grant_book::codes(instance_key const& key) const noexcept {
  auto const* const one = find(key);
  return one == nullptr || one->kept.codes.empty() ? nullptr : &one->kept.codes;
}

saved_code const* grant_book::pending_until(instance_key const& key,
                                            instant deadline) const noexcept {
  auto const* const one = find(key);
  if (one == nullptr) return nullptr;
  auto const& codes = one->kept.codes;
  auto const found = std::find_if(codes.rbegin(), codes.rend(), [&](saved_code const& code) {
    return code.outcome == code_outcome::pending && code.deadline == deadline;
  });
  return found == codes.rend() ? nullptr : &*found;
}

secret grant_book::refresh_token(instance_key const& key) const {
  auto const* const one = find(key);
  return one == nullptr ? secret{} : one->kept.refresh_token.copy();
}

saved_code* grant_book::find_pending(grant& one, code_digest const& digest) noexcept {
  for (auto& code : one.kept.codes) {
    if (code.digest == digest && code.outcome == code_outcome::pending) return &code;
  }
  return nullptr;
}

void grant_book::finish(saved_code& code, code_outcome how, instant now) {
  code.outcome = how;
  code.code = secret{};
  code.deadline = saturating_add(now, outcome_kept);
}

bool grant_book::exchanged(instance_key const& key, code_digest const& digest, secret refresh_token,
                           instant now) {
  auto const found = grants_.find(key);
  if (found == grants_.end()) return false;
  auto& one = found->second;
  auto* const done = find_pending(one, digest);
  if (done == nullptr) return false;
  finish(*done, code_outcome::exchanged, now);
  for (auto& other : one.kept.codes) {
    if (other.outcome == code_outcome::pending) finish(other, code_outcome::superseded, now);
  }
  keep(key, one, std::move(refresh_token));
  return true;
}

bool grant_book::rotated(instance_key const& key, secret const& sent, secret fresh) {
  auto const found = grants_.find(key);
  if (found == grants_.end()) return false;
  auto& one = found->second;
  if (!(one.kept.refresh_token == sent) || fresh == sent) return false;
  keep(key, one, std::move(fresh));
  return true;
}

void grant_book::ended(instance_key const& key, code_digest const& digest, code_outcome how,
                       std::optional<core::failure> why, instant now) {
  auto const found = grants_.find(key);
  if (found == grants_.end()) return;
  auto* const code = find_pending(found->second, digest);
  if (code == nullptr) return;
  finish(*code, how, now);
  code->why = std::move(why);
  found->second.changed = true;
}

std::size_t grant_book::expire(instance_key const& key, std::optional<core::failure> const& why,
                               instant now) {
  auto const found = grants_.find(key);
  if (found == grants_.end()) return 0;
  std::size_t count = 0;
  for (auto& code : found->second.kept.codes) {
    if (code.outcome != code_outcome::pending || code.deadline > now) continue;
    finish(code, code_outcome::expired, now);
    code.why = why;
    ++count;
  }
  found->second.changed = found->second.changed || count != 0;
  return count;
}

std::optional<saved_grant> grant_book::take_change(instance_key const& key) {
  auto const found = grants_.find(key);
  if (found == grants_.end() || !found->second.changed) return std::nullopt;
  auto& one = found->second;
  one.changed = false;
  saved_grant out;
  out.refresh_token = one.kept.refresh_token.copy();
  for (auto const& code : one.kept.codes) out.codes.push_back(copy_of(code));
  return out;
}

void grant_book::not_saved(instance_key const& key) {
  if (auto const found = grants_.find(key); found != grants_.end()) found->second.changed = true;
}

bool grant_book::is_saved(instance_key const& key) const noexcept {
  auto const* const one = find(key);
  return one == nullptr || !one->changed;
}

}  // namespace wixtokend::service
