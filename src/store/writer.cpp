#include "store/writer.hpp"

#include "store/key_derivation.hpp"
#include "store/sqlite_store.hpp"
#include "store/state_records.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace wixtokend::store {
namespace {

constexpr core::generation_number generation_max = (core::generation_number{1} << 53U) - 1;
constexpr std::chrono::hours purge_interval{1};

template <class Bytes>
std::string_view view_of(Bytes const& bytes) noexcept {
  return {reinterpret_cast<char const*>(bytes.data()), bytes.size()};
}

core::generation_number milliseconds_of(wall_time when) noexcept {
  auto const count = when.time_since_epoch().count();
  return count < 0 ? 0 : std::min(static_cast<core::generation_number>(count), generation_max);
}

core::generation_number reserved(wall_time at, core::generation_number highest) noexcept {
  auto const limit = std::max(milliseconds_of(at) + floor_lead, highest + floor_step);
  return std::min(limit, generation_max);
}

bool has_other_keys(load_result const& found, key_id const& in_use) {
  return std::ranges::any_of(found.keys, [&](key_id const& id) { return id != in_use; });
}

}  // namespace

writer::writer(writer_settings settings, key_ring const& keys, database opened, load_result& found)
    : settings_{std::move(settings)},
      keys_{keys},
      sealer_{keys.first(), settings_.sealings_max},
      opener_{keys},
      database_{std::move(opened)},
      digest_key_{std::move(found.meta.digest_key)},
      resealing_{has_other_keys(found, keys.first().id)},
      run_{found.last_run + 1},
      limit_{found.meta.floor_limit},
      resealed_all_{resealing_.done()} {}

writer::~writer() {
  rows_.reset();
  static_cast<void>(database_.truncate_log());  // if not, the next start reads the log
}

error_code writer::configure() {
  for (auto const* const sql :
       {"PRAGMA query_only = 0", "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
        "PRAGMA secure_delete = ON", "PRAGMA temp_store = MEMORY", "PRAGMA cache_size = -16384"}) {
    if (auto const failed = database_.run(sql)) return failed;
  }
  rows_.emplace(database_, sealer_, opener_);
  return {};
}

error_code writer::begin(time_stamp const& at) {
  if (auto const failed = configure()) return failed;
  start_floor_ = std::max(milliseconds_of(at.wall), limit_);
  auto const limit = reserved(at.wall, start_floor_);
  auto open = transaction::begin(database_);
  if (!open.has_value()) return open.error();
  auto const id = view_of(keys_.first().id);
  if (auto const failed = rows_->put(row_kind::keys, {id}, secret{})) return failed;
  if (auto const failed = write_common(at, limit)) return failed;
  auto const oldest = std::to_string(run_ - runs_kept);
  if (auto const failed = database_.run("DELETE FROM runs WHERE number <= " + oldest)) {
    return failed;
  }
  if (auto const failed = open->commit()) return failed;
  publish(limit);
  purged_at_ = at.wall;
  truncation_due_ = std::exchange(removed_, false);
  database_.checkpoint_on_close(true);
  return {};
}

// A connection may be beyond repair after an error below it; the file is not.
error_code writer::reopen() {
  rows_.reset();
  database_ = database{};
  auto opened = database::open(settings_.file, database::access::write, settings_.vfs);
  if (!opened.has_value()) return opened.error();
  database_ = std::move(*opened);
  return configure();
}

result<transaction> writer::begin_transaction() {
  if (rows_) {
    auto open = transaction::begin(database_);
    if (open.has_value() || (open.error().value() & 0xff) == SQLITE_BUSY) return open;
  }
  if (auto const failed = reopen()) return failed;
  return transaction::begin(database_);
}

error_code writer::commit(service::change_batch const& batch) {
  if (truncation_due_ && rows_) truncation_due_ = static_cast<bool>(database_.truncate_log());
  removed_ = false;
  if (auto const failed = write(batch)) {
    // What it left in the log beyond the last commit must not be taken for something later on.
    truncation_due_ = true;
    return failed;
  }
  if (removed_) truncation_due_ = true;
  if (truncation_due_) truncation_due_ = static_cast<bool>(database_.truncate_log());
  return {};
}

error_code writer::write(service::change_batch const& batch) {
  auto open = begin_transaction();
  if (!open.has_value()) return open.error();
  for (auto const& change : batch.instances) {
    if (auto const failed = apply(change, batch.at)) return failed;
  }
  for (auto const& app : batch.apps) {
    auto const failed = rows_->put(row_kind::apps, {guid_of(app.app)}, encode(app, run_));
    if (failed) return failed;
  }
  auto const limit = limit_for(batch);
  if (auto const failed = write_common(batch.at, limit)) return failed;
  if (auto const failed = open->commit()) return failed;
  publish(limit);
  return {};
}

// What goes with every commit.
error_code writer::write_common(time_stamp const& at, core::generation_number limit) {
  run_stamp stamp;
  stamp.boot_id = settings_.boot_id;
  stamp.last = at;
  if (auto const failed = rows_->put(row_kind::runs, {run_}, encode(stamp))) return failed;
  if (limit != limit_) {
    if (auto const failed = write_meta(limit)) return failed;
  }
  return purge(at);
}

error_code writer::write_meta(core::generation_number limit) {
  store_meta meta;
  meta.floor_limit = limit;
  meta.digest_key = digest_key_.copy();
  return rows_->put(row_kind::meta, {}, encode(meta));
}

error_code writer::purge(time_stamp const& at) {
  auto const age = purged_at_ ? at.wall - *purged_at_ : purge_interval;
  if (age < purge_interval && age >= std::chrono::milliseconds{}) return {};
  auto const before = at.wall - settings_.removed_retention;
  auto const any = rows_->purge_retained(before.time_since_epoch().count());
  if (!any.has_value()) return any.error();
  removed_ = removed_ || *any;
  purged_at_ = at.wall;
  return {};
}

error_code writer::apply(service::instance_change const& change, time_stamp const& at) {
  if (change.removed || !change.instance) {
    auto const failed = remove(change, at);
    if (failed || !change.instance) return failed;
  }
  auto const app = guid_of(change.key.app);
  auto const instance = view_of(change.key.instance.bytes());
  auto const record = encode(*change.instance, run_);
  if (auto const failed = rows_->put(row_kind::instances, {app, instance}, record)) return failed;
  if (!change.grant_changed) return {};

  auto const& kept = change.grant;
  if (kept.refresh_token.empty() && kept.codes.empty()) {
    auto const was = rows_->remove(row_kind::grants, app, instance);
    if (!was.has_value()) return was.error();
    removed_ = removed_ || *was;
    return {};
  }
  auto const failed = rows_->put(row_kind::grants, {app, instance}, encode(kept, run_));
  if (failed || kept.refresh_token.empty()) return failed;
  // What was retained is taken back, or there is something newer.
  auto const was = rows_->remove(row_kind::retained, app, instance);
  return was.has_value() ? error_code{} : was.error();
}

error_code writer::remove(service::instance_change const& change, time_stamp const& at) {
  auto const app = guid_of(change.key.app);
  auto const instance = view_of(change.key.instance.bytes());
  removed_ = true;
  if (change.retain) {
    if (auto const failed = retain(app, instance, at)) return failed;
  } else if (change.removed) {
    auto const was = rows_->remove(row_kind::retained, app, instance);
    if (!was.has_value()) return was.error();
  }
  for (auto const kind : {row_kind::instances, row_kind::grants}) {
    auto const was = rows_->remove(kind, app, instance);
    if (!was.has_value()) return was.error();
  }
  return {};
}

error_code writer::retain(std::string_view app, std::string_view instance, time_stamp const& at) {
  auto const found = rows_->find(row_kind::grants, app, instance);
  if (!found.has_value()) return found.error();
  if (!found->has_value()) return {};
  auto const granted = decode_grant((*found)->reveal(), run_clocks{{}, at, {}});
  if (!granted.has_value()) return granted.error();
  if (granted->refresh_token.empty()) return {};
  auto const removed_at = static_cast<std::int64_t>(at.wall.time_since_epoch().count());
  return rows_->put(row_kind::retained, {app, instance, removed_at}, granted->refresh_token);
}

result<std::optional<secret>> writer::retained(instance_key const& key) {
  if (!rows_) {
    if (auto const failed = reopen()) return failed;
  }
  return rows_->find(row_kind::retained, guid_of(key.app), view_of(key.instance.bytes()));
}

service::code_digest writer::digest(secret const& code) const {
  return keyed_hash(digest_key_, code.reveal());
}

bool writer::idle() {
  if (resealing_.done() || !rows_) return false;
  auto const failed = resealing_.step(database_, sealer_, opener_);
  resealed_ = resealing_.resealed();
  resealed_all_ = resealing_.done();
  if (!failed) return !resealing_.done();
  truncation_due_ = true;
  return false;
}

// Raised in good time: half of the lead is always left to give out.
core::generation_number writer::limit_for(service::change_batch const& batch) const {
  auto const calendar = milliseconds_of(batch.at.wall);
  core::generation_number highest = 0;
  for (auto const& change : batch.instances) {
    if (change.instance) highest = std::max(highest, change.instance->generation);
  }
  bool const enough = calendar + floor_lead / 2 < limit_ && highest + floor_step / 2 < limit_;
  return enough ? limit_ : std::max(limit_, reserved(batch.at.wall, highest));
}

void writer::publish(core::generation_number limit) {
  limit_ = limit;
  floor_max_ = limit - floor_step / 2;
}

std::string_view writer::guid_of(app_number app) const {
  auto const place = static_cast<std::size_t>(app);
  assert(place < settings_.apps.size());
  return view_of(settings_.apps[place].bytes());
}

}  // namespace wixtokend::store
