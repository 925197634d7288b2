#include "store/creation.hpp"

#include "store/database.hpp"
#include "store/file_checks.hpp"
#include "store/key_derivation.hpp"
#include "store/rows.hpp"
#include "store/schema.hpp"
#include "store/sealing.hpp"
#include "store/state_records.hpp"
#include "store/store_error.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace wixtokend::store {
namespace {

constexpr std::size_t digest_key_size = 32;

error_code system_error(int reason) {
  return {reason, boost::system::system_category()};
}

error_code fill(database& into, key_ring const& keys) {
  sealer seals{keys.first()};
  opener opens{keys};
  rows first{into, seals, opens};
  auto const& id = keys.first().id;
  std::string_view const bytes{reinterpret_cast<char const*>(id.data()), id.size()};
  if (auto const failed = migrate(into, 0)) return failed;
  if (auto const failed = first.put(row_kind::keys, {bytes}, secret{})) return failed;
  std::string drawn(digest_key_size, '\0');
  if (!fill_random(drawn.data(), drawn.size())) return errc::seal_failed;
  store_meta meta;
  meta.digest_key = secret::take(std::move(drawn));
  return first.put(row_kind::meta, {}, encode(meta));
}

// Closing it removes the log that the change of the mode leaves.
error_code make_database(std::string const& file, key_ring const& keys, std::string const& vfs) {
  auto made = database::open(file, database::access::create, vfs);
  if (!made.has_value()) return made.error();
  if (auto const failed = made->run("PRAGMA secure_delete = ON")) return failed;
  {
    auto open = transaction::begin(*made);
    if (!open.has_value()) return open.error();
    if (auto const failed = fill(*made, keys)) return failed;
    if (auto const failed = open->commit()) return failed;
  }
  return made->run("PRAGMA journal_mode = WAL");
}

}  // namespace

void remove_database(std::string const& file) noexcept {
  for (auto const* const ending : {"-journal", "-wal", "-shm", ""}) {
    ::unlink((file + ending).c_str());
  }
}

error_code create_store(std::string const& file, key_ring const& keys, std::string const& vfs) {
  auto const draft = file + ".new";
  remove_database(draft);
  int reason = create_private(draft);
  auto failed = reason != 0 ? system_error(reason) : make_database(draft, keys, vfs);
  if (!failed) {
    reason = sync_file(draft);
    if (reason == 0) reason = move_to_free_name(draft, file);
    if (reason == 0) reason = sync_folder_of(file);
    if (reason != 0) failed = system_error(reason);
  }
  if (failed) remove_database(draft);
  return failed;
}

}  // namespace wixtokend::store
