#include "daemon/store_opening.hpp"

#include "daemon/startup_error.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <variant>

namespace wixtokend::daemon {
namespace {

using namespace std::chrono_literals;

constexpr std::uintmax_t slow_disk_bytes_per_second = 4 * 1024 * 1024;
constexpr std::uint64_t told_after_instances = 20'000;  // a seventh of a second, on a good machine
constexpr duration time_for_as_many_max = 60s;

// The log beside the file counts, too: what a killed process has left is in it.
std::uintmax_t size_on_disk(std::string const& file) {
  std::uintmax_t sum = 0;
  for (auto const* const ending : {"", "-wal"}) {
    std::error_code missing;
    auto const size = std::filesystem::file_size(file + ending, missing);
    if (!missing) sum += size;
  }
  return sum;
}

// What came out of the store.
struct load_count {
  std::uint64_t instances = 0;
  std::uint64_t usable = 0;  ///< that brought a token whose time is not over
  std::uint64_t legacy = 0;  ///< that have a refresh token
  std::uint64_t codes = 0;   ///< that wait for their exchange
  std::uint64_t left_out = 0;
};

store::open_settings settings_for_opening(configuration& settings, time_source const& time) {
  store::open_settings out;
  out.file = settings.store.file;
  out.keys = std::move(settings.store.keys);
  for (auto const& app : settings.apps) out.apps.push_back(*instance_id::parse(app.app_id));
  out.at = time.stamp();
  out.removed_retention = std::chrono::ceil<std::chrono::hours>(settings.store.removed_retention);
  return out;
}

void log_opened(configuration const& settings, store::opened const& opened,
                load_count const& loaded, observe::logger& log) {
  log.info("store_opened", {{"file", settings.store.file},
                            {"created", opened.created ? "true" : "false"},
                            {"instances", std::to_string(loaded.instances)},
                            {"usable_tokens", std::to_string(loaded.usable)},
                            {"legacy_grants", std::to_string(loaded.legacy)},
                            {"pending_codes", std::to_string(loaded.codes)},
                            {"foreign_rows", std::to_string(opened.foreign_rows)}});
  if (opened.store->persistent()) return;
  log.warning("store_volatile",
              {{"file", settings.store.file},
               {"reason", "it is in memory only, and gone when the machine restarts"},
               {"next", settings.store.allow_volatile
                            ? "legacy grants are taken all the same: store.allow_volatile"
                            : "legacy grants are refused"}});
}

}  // namespace

duration verification_time_max(std::uintmax_t size_bytes) noexcept {
  auto const reading_s = std::min<std::uintmax_t>(size_bytes / slow_disk_bytes_per_second, 86'400);
  return 60s + std::chrono::seconds{static_cast<std::int64_t>(reading_s)};
}

std::unique_ptr<store::sqlite_store> open_store(event_loop& loop, time_source& time,
                                                configuration& settings, store_users const& users,
                                                observe::logger& log) {
  if (settings.store.file.empty()) return nullptr;
  auto const now = time.now();
  auto& manager = users.manager;
  manager.starting("reading the store", verification_time_max(size_on_disk(settings.store.file)));
  load_count loaded;
  auto const take = [&](service::loaded_instance&& known) {
    auto const& token = known.instance.token;
    bool const usable = !token.token.empty() && token.expires_at > now;
    bool const legacy = !known.grant.refresh_token.empty();
    for (auto const& code : known.grant.codes) {
      if (code.outcome == service::code_outcome::pending) ++loaded.codes;
    }
    if (++loaded.instances % told_after_instances == 0) {
      manager.starting("reading the store: " + std::to_string(loaded.instances) + " instances",
                       time_for_as_many_max);
    }
    if (usable) ++loaded.usable;
    if (legacy) ++loaded.legacy;
    if (!users.registrar.load(std::move(known))) ++loaded.left_out;
  };
  auto outcome =
      store::sqlite_store::open(loop.get_executor(), settings_for_opening(settings, time), take);
  if (auto const* const failed = std::get_if<store::open_error>(&outcome)) {
    throw startup_error{exit_code::store, failed->text};
  }
  auto& opened = std::get<store::opened>(outcome);
  if (loaded.left_out > 0) {
    throw startup_error{exit_code::configuration,
                        "limits.max_instances is " + std::to_string(settings.limits.max_instances) +
                            ", but the store " + settings.store.file + " holds " +
                            std::to_string(loaded.instances) + " instances: raise it"};
  }
  // Tokens may have been handed out that were never written; the floor is above them all.
  users.engine.raise_floor(opened.store->start_floor());
  for (auto const& app : opened.apps) users.engine.restore_app(app, time.now());
  users.state.attach(*opened.store);
  log_opened(settings, opened, loaded, log);
  return std::move(opened.store);
}

}  // namespace wixtokend::daemon
