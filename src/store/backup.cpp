#include "store/backup.hpp"

#include "store/creation.hpp"
#include "store/database.hpp"
#include "store/file_checks.hpp"
#include "store/soundness.hpp"
#include "store/store_error.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <system_error>

namespace wixtokend::store {
namespace {

std::string because(int reason) {
  return std::generic_category().message(reason);
}

open_error not_created(std::string const& file, int reason) {
  return open_error{file + " cannot be created: " + because(reason) +
                    (reason == EEXIST ? "; name a file that is not there" : "")};
}

// All pages in one step: one moment of the source, however much is written to it meanwhile.
error_code copy(database& from, database& into) {
  auto* const copying = ::sqlite3_backup_init(into.handle(), "main", from.handle(), "main");
  if (copying == nullptr) return sqlite_error(::sqlite3_extended_errcode(into.handle()));
  int const stepped = ::sqlite3_backup_step(copying, -1);
  int const finished = ::sqlite3_backup_finish(copying);
  if (finished != SQLITE_OK) return sqlite_error(finished);
  return stepped == SQLITE_DONE ? error_code{} : sqlite_error(stepped);
}

std::optional<open_error> copy_and_verify(std::string const& file, std::string const& destination) {
  auto from = database::open(file, database::access::look);
  if (!from.has_value()) {
    auto const why = unreadable(from.error());
    return open_error{file + " " + why.what + "; " + why.way_out};
  }
  auto into = database::open(destination, database::access::write);
  if (!into.has_value()) {
    return open_error{destination + " cannot be written: " + into.error().message()};
  }
  if (auto const failed = copy(*from, *into)) {
    return open_error{"copying " + file + " to " + destination + " failed: " + failed.message() +
                      "; look at both disks"};
  }
  std::int64_t version = 0;
  if (auto const wrong = verify_structure(*into, version)) {
    return open_error{file + " " + wrong->what + "; " + wrong->way_out};
  }
  return std::nullopt;
}

}  // namespace

std::optional<open_error> backup(std::string const& file, std::string const& destination) {
  struct stat is {};
  auto const source = resolved(file);
  if (::stat(source.c_str(), &is) != 0) {
    return open_error{source + " cannot be read: " + because(errno)};
  }
  if (::lstat(destination.c_str(), &is) == 0) return not_created(destination, EEXIST);
  // Under another name until it is whole, so that nobody takes half a copy for one.
  auto const draft = destination + ".new";
  remove_database(draft);
  if (int const reason = create_private(draft)) return not_created(draft, reason);
  auto failed = copy_and_verify(source, draft);
  if (!failed) {
    int reason = sync_file(draft);
    if (reason == 0) reason = move_to_free_name(draft, destination);
    if (reason == 0) reason = sync_folder_of(destination);
    if (reason != 0) failed = not_created(destination, reason);
  }
  if (failed) remove_database(draft);
  return failed;
}

}  // namespace wixtokend::store
