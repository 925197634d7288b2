#include "emulator/upstream_state.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <utility>

namespace wixtokend::emulator {
namespace {

using std::chrono::seconds;

constexpr seconds ahead_max = std::chrono::hours{24} * 3650;

}  // namespace

upstream_state::upstream_state(std::vector<app> apps, settings const& start_knobs,
                               std::uint64_t seed, instant start)
    : knobs{start_knobs},
      counted{start},
      apps_{std::move(apps)},
      initial_knobs_{start_knobs},
      random_{seed},
      next_serial_{draw()} {
  assert(!apps_.empty() && apps_.size() <= 65536);
}

std::optional<app_number> upstream_state::app_named(std::string_view id) const noexcept {
  auto const found = std::ranges::find(apps_, id, &app::id);
  if (found == apps_.end()) return std::nullopt;
  return static_cast<app_number>(found - apps_.begin());
}

app const& upstream_state::at(app_number number) const {
  return apps_.at(static_cast<std::size_t>(number));
}

bool upstream_state::advance(seconds length) noexcept {
  if (length > ahead_max - ahead_) return false;
  ahead_ += length;
  return true;
}

void upstream_state::replace_secret(app_number number, secret fresh) {
  apps_.at(static_cast<std::size_t>(number)).key = std::move(fresh);
}

claims upstream_state::new_claims(token_kind kind, instance_key const& key, wall_time now) {
  claims about;
  about.kind = kind;
  about.app_id = at(key.app).id;
  about.instance = key.instance;
  about.issued = now;
  about.serial = next_serial_++;
  return about;
}

minted upstream_state::mint_access(token_kind kind, instance_key const& key, wall_time now,
                                   mint_change const& change) {
  bool const legacy = kind == token_kind::legacy_access;
  auto about = new_claims(kind, key, now);
  about.life = seconds{legacy ? knobs.legacy_expires_in : knobs.expires_in};
  std::size_t size =
      change.token_size.value_or(legacy ? knobs.legacy_token_size : knobs.token_size);

  if (auto* const row = installations.find_or_add(key)) {
    ++row->mints;
    if (change.same_token && row->last_life != 0) {
      about.serial = row->last_serial;
      about.issued = row->last_issued;
      about.life = seconds{row->last_life};
      size = row->last_size;
    }
    row->last_serial = about.serial;
    row->last_issued = about.issued;
    row->last_life = static_cast<std::uint32_t>(about.life.count());
    row->last_size = static_cast<std::uint32_t>(size);
  }
  if (change.other_instance) about.instance = another_instance(key.instance);
  return {mint.make(about, size), about.life};
}

std::string upstream_state::make_refresh_token(instance_key const& key, wall_time now) {
  return mint.make(new_claims(token_kind::refresh, key, now), knobs.legacy_token_size);
}

std::string upstream_state::replace_refresh_token(instance_key const& key, wall_time now) {
  auto const about = new_claims(token_kind::refresh, key, now);
  auto* const row = installations.find_or_add(key);
  if (row != nullptr && (knobs.rotate_refresh_tokens || row->refresh_serial != 0)) {
    row->refresh_serial = about.serial;
  }
  return mint.make(about, knobs.legacy_token_size);
}

bool upstream_state::is_current_refresh(instance_key const& key, std::uint64_t serial) const {
  auto const* const row = installations.find(key);
  return row == nullptr || row->refresh_serial == 0 || row->refresh_serial == serial;
}

result<std::string> upstream_state::make_code(instance_key const& key, wall_time now) {
  auto about = new_claims(token_kind::code, key, now);
  about.life = authorization_codes::life;
  auto const issued = codes.issue(about.serial, now);
  if (!issued.has_value()) return issued.error();
  return mint.make(about, knobs.legacy_token_size);
}

bool upstream_state::is_live(claims const& token, wall_time now) const {
  bool const accesses = token.kind == token_kind::access || token.kind == token_kind::visitor ||
                        token.kind == token_kind::legacy_access;
  auto const named = app_named(token.app_id);
  if (!accesses || !named.has_value() || now >= token.expires()) return false;
  if (!knobs.revoke_on_uninstall) return true;
  auto const* const row = installations.find({*named, token.instance});
  return row == nullptr || (row->state != installation::removed && token.issued > row->removed_at);
}

bool upstream_state::install(instance_key const& key) {
  auto* const row = installations.find_or_add(key);
  if (row == nullptr) return false;
  row->state = installation::installed;
  return true;
}

bool upstream_state::remove(instance_key const& key, wall_time now) {
  auto* const row = installations.find_or_add(key);
  if (row == nullptr) return false;
  row->state = installation::removed;
  row->removed_at = now;
  return true;
}

duration upstream_state::draw_latency() noexcept {
  auto const span = knobs.latency_ms_max - knobs.latency_ms_min;
  auto const extra = span == 0 ? 0 : draw() % (std::uint64_t{span} + 1);
  return std::chrono::milliseconds{knobs.latency_ms_min + extra};
}

std::string upstream_state::next_request_id() {
  std::array<char, 15> text{};
  auto const end = std::to_chars(text.data(), text.data() + text.size(), draw() >> 4U, 16).ptr;
  return {text.data(), end};
}

void upstream_state::reset(instant now) {
  knobs = initial_knobs_;
  installations.clear();
  codes.clear();
  faults.clear();
  counted.reset(now);
  ahead_ = {};
}

// SplitMix64.
std::uint64_t upstream_state::draw() noexcept {
  random_ += 0x9e3779b97f4a7c15ULL;
  auto value = random_;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

}  // namespace wixtokend::emulator
