#include "store/store_report.hpp"

#include "store/database.hpp"
#include "store/file_checks.hpp"
#include "store/loader.hpp"
#include "store/wal_check.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace wixtokend::store {
namespace {

void count(service::loaded_instance const& one, store_report& into) {
  ++into.instances;
  if (one.instance.registered) ++into.registered;
  if (!one.instance.token.token.empty()) ++into.tokens;
  if (!one.grant.refresh_token.empty()) ++into.legacy_grants;
  into.pending_codes += static_cast<std::uint64_t>(std::ranges::count(
      one.grant.codes, service::code_outcome::pending, &service::saved_code::outcome));
}

std::optional<unsound> read_into(store_report& report, std::string const& file,
                                 key_ring const& keys) {
  auto opened = database::open(file, database::access::look);
  if (!opened.has_value()) return unreadable(opened.error());
  if (auto const failed = opened->run("BEGIN")) return unreadable(failed);
  if (auto wrong = verify_structure(*opened, report.schema_version)) return wrong;

  load_request request;
  // Later than every stamp: it is not asked how old a token is.
  request.at.wall = wall_time{std::chrono::milliseconds{INT64_MAX / 4}};
  loader reads{*opened, keys, std::move(request)};
  load_result found;
  auto wrong =
      reads.load(found, [&](service::loaded_instance const& one, bool) { count(one, report); });
  report.retained = found.retained;
  report.apps = found.app_rows;
  for (auto const& id : found.keys) report.key_ids.push_back(to_string(id));
  return wrong;
}

}  // namespace

store_report verify(std::string const& file, secret const& keys) {
  store_report report;
  auto const problem = [&](std::string text) { report.problems.push_back(std::move(text)); };
  auto const path = resolved(file);
  struct stat is {};
  if (::stat(path.c_str(), &is) != 0) {
    problem(path + " cannot be read: " + std::generic_category().message(errno));
    return report;
  }
  auto const parsed = parse_keys(keys);
  if (auto const* const wrong = std::get_if<key_error>(&parsed)) {
    problem("the key file of the store " + path + ": " + wrong->text);
    return report;
  }
  report.in_use = is_locked(path);
  // While it is written to, the end of the log is in motion.
  if (!report.in_use && log_of_is_damaged(path)) {
    problem(path +
            "-wal is damaged, and with it what was last written; restore the store from a "
            "backup");
  }
  if (auto const wrong = read_into(report, path, std::get<key_ring>(parsed))) {
    problem(path + " " + wrong->what + "; " + wrong->way_out);
  }
  return report;
}

}  // namespace wixtokend::store
