#include "store/sqlite_store.hpp"

#include "store/creation.hpp"
#include "store/loader.hpp"
#include "store/schema.hpp"
#include "store/wal_check.hpp"
#include "store/work_thread.hpp"
#include "store/writer.hpp"

#include <fstream>
#include <system_error>
#include <utility>

namespace wixtokend::store {
namespace {

std::string kernel_boot_id() {
  std::string id;
  std::ifstream{"/proc/sys/kernel/random/boot_id"} >> id;
  return id;
}

open_error error_of(std::string const& file, unsound const& wrong) {
  return {file + " " + wrong.what + "; " + wrong.way_out};
}

open_error unwritable(std::string const& file, error_code reason) {
  return {file + " cannot be written: " + reason.message() +
          "; look at the disk, and at the rights of the file and of its folder"};
}

// Brings a store of an older version forward. The transaction stays open until its rows have been
// read, so that nothing is written if they cannot be.
std::optional<unsound> bring_forward(database& in, std::int64_t version) {
  for (auto const* const sql : {"ROLLBACK", "PRAGMA query_only = 0", "BEGIN IMMEDIATE"}) {
    if (auto const failed = in.run(sql)) return unreadable(failed);
  }
  if (auto const failed = migrate(in, version)) return unreadable(failed);
  return std::nullopt;
}

std::optional<unsound> read_all(database& in, key_ring const& keys, load_request request,
                                load_result& into, loader::visitor const& visit) {
  // One transaction: what is read is of one moment.
  if (auto const failed = in.run("BEGIN")) return unreadable(failed);
  std::int64_t version = 0;
  if (auto wrong = verify_structure(in, version)) return wrong;
  if (version < schema_version) {
    if (auto wrong = bring_forward(in, version)) return wrong;
  }
  loader reads{in, keys, std::move(request)};
  if (auto wrong = reads.load(into, visit)) return wrong;
  if (auto const failed = in.run("COMMIT")) return unreadable(failed);
  return std::nullopt;
}

}  // namespace

// Destroyed from the bottom: the thread ends, then the file is closed, then the lock is let go.
struct sqlite_store::parts {
  parts(checked_file checked, key_ring ring) : file{std::move(checked)}, keys{std::move(ring)} {}

  checked_file file;
  key_ring keys;
  std::unique_ptr<writer> writes;
  std::unique_ptr<work_thread> thread;
};

sqlite_store::sqlite_store(std::unique_ptr<parts> made) : parts_{std::move(made)} {}

sqlite_store::~sqlite_store() = default;

std::variant<opened, open_error> sqlite_store::open(executor where, open_settings settings,
                                                    instance_visitor const& visit) {
  auto parsed = parse_keys(settings.keys);
  if (auto const* const wrong = std::get_if<key_error>(&parsed)) {
    return open_error{"the key file of the store " + settings.file + ": " + wrong->text};
  }
  auto checked = check_file(settings.file, settings.file_system);
  if (auto* const refused = std::get_if<file_refused>(&checked)) {
    return open_error{std::move(refused->text)};
  }
  auto made = std::make_unique<parts>(std::move(std::get<checked_file>(checked)),
                                      std::move(std::get<key_ring>(parsed)));
  auto const& path = made->file.path();
  if (!made->file.exists()) {
    if (auto const failed = create_store(path, made->keys, settings.vfs)) {
      return unwritable(path, failed);
    }
  } else if (log_of_is_damaged(path)) {
    return open_error{path + "-wal is damaged, and with it what was last written; restore the " +
                      "store from a backup, or remove that file to go on with what was before"};
  }

  opened result;
  result.created = !made->file.exists();
  // The verification jumps about in the file: from a cold disk that would take ten times as long.
  read_ahead(path);
  auto file = database::open(path, database::access::look, settings.vfs);
  if (!file.has_value()) return error_of(path, unreadable(file.error()));
  load_request request;
  request.apps = settings.apps;
  request.at = settings.at;
  request.boot_id = settings.boot_id.empty() ? kernel_boot_id() : settings.boot_id;
  writer_settings writing;
  writing.boot_id = request.boot_id;
  load_result found;
  auto const wrong = read_all(*file, made->keys, std::move(request), found,
                              [&](service::loaded_instance&& one, bool configured) {
                                if (configured) visit(std::move(one));
                              });
  if (wrong) return error_of(path, *wrong);

  writing.file = path;
  writing.vfs = settings.vfs;
  writing.apps = std::move(settings.apps);
  writing.removed_retention = settings.removed_retention;
  if (settings.sealings_max != 0) writing.sealings_max = settings.sealings_max;
  made->writes = std::make_unique<writer>(std::move(writing), made->keys, std::move(*file), found);
  if (auto const failed = made->writes->begin(settings.at)) return unwritable(path, failed);
  try {
    made->thread =
        std::make_unique<work_thread>(where, [&writes = *made->writes] { return writes.idle(); });
  } catch (std::system_error const& e) {
    return open_error{"the store " + path + " needs a thread: " + e.code().message()};
  }
  result.apps = std::move(found.apps);
  result.foreign_rows = found.foreign_rows;
  result.store.reset(new sqlite_store{std::move(made)});
  return result;
}

task<result<>> sqlite_store::commit(service::change_batch batch) {
  struct work {
    service::change_batch batch;
    error_code failed;
  };
  auto const shared = std::make_shared<work>();
  shared->batch = std::move(batch);
  std::function<void()> what = [shared, &writes = *parts_->writes] {
    shared->failed = writes.commit(shared->batch);
  };
  co_await parts_->thread->run(std::move(what));
  if (shared->failed) co_return shared->failed;
  co_return result<>{};
}

task<result<std::optional<secret>>> sqlite_store::retained(instance_key key) {
  auto const shared = std::make_shared<result<std::optional<secret>>>(std::optional<secret>{});
  std::function<void()> what = [shared, key, &writes = *parts_->writes] {
    *shared = writes.retained(key);
  };
  co_await parts_->thread->run(std::move(what));
  co_return std::move(*shared);
}

service::code_digest sqlite_store::digest(secret const& code) const {
  return parts_->writes->digest(code);
}

bool sqlite_store::persistent() const noexcept {
  return parts_->file.where() == file_system::persistent;
}

core::generation_number sqlite_store::floor_max() const noexcept {
  return parts_->writes->floor_max();
}

core::generation_number sqlite_store::start_floor() const noexcept {
  return parts_->writes->start_floor();
}

resealing_progress sqlite_store::resealing() const noexcept {
  resealing_progress progress;
  progress.running = parts_->writes->is_resealing();
  progress.resealed = parts_->writes->resealed();
  return progress;
}

}  // namespace wixtokend::store
