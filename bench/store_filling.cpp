#include "async/system_time.hpp"
#include "bench/store_daemon.hpp"
#include "store/sqlite_store.hpp"
#include "support/run_task.hpp"

#include <chrono>
#include <string>
#include <utility>

namespace wixtokend::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t batch_size = 2'000;  // as the daemon's own at most
constexpr std::size_t token_size = 1'200;

service::instance_change change_of(std::uint64_t number, time_stamp const& at,
                                   duration until_refresh) {
  service::instance_change change;
  change.key = {app_number{0}, instance_id::parse(id_text(number)).value()};
  auto& one = change.instance.emplace();
  one.key = change.key;
  one.registered = true;
  one.generation = 1;
  auto token = "OauthNG.JWS." + std::to_string(number) + '.';
  token.resize(token_size, 'x');
  one.token.token = secret::take(std::move(token));
  one.token.sent = at.now;
  one.token.expires_at = at.now + 4h;
  one.refresh_at = at.now + until_refresh;
  return change;
}

}  // namespace

double fill_store(test::temporary_folder const& folder, std::size_t instances,
                  duration until_refresh) {
  event_loop loop;
  system_time const time{loop};
  store::open_settings settings;
  settings.file = store_daemon::file(folder);
  settings.keys = secret{store_daemon::key()};
  settings.apps = {instance_id::parse(app_id).value()};
  settings.at = time.stamp();
  return seconds_of([&] {
    auto made = store::sqlite_store::open(loop.get_executor(), std::move(settings), [](auto&&) {});
    if (auto const* const failed = std::get_if<store::open_error>(&made)) wrong(failed->text);
    auto const& disk = std::get<store::opened>(made).store;
    for (std::size_t i = 0; i < instances;) {
      service::change_batch batch;
      batch.at = time.stamp();
      for (; i < instances && batch.instances.size() < batch_size; ++i) {
        batch.instances.push_back(change_of(i, batch.at, until_refresh));
      }
      auto const written = test::run_task(loop, disk->commit(std::move(batch)));
      if (!written.has_value()) wrong(written.error().message());
    }
  });
}

}  // namespace wixtokend::bench
