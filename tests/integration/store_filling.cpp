#include "integration/store_filling.hpp"

#include "async/system_time.hpp"
#include "store/sqlite_store.hpp"
#include "support/run_task.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <variant>

namespace wixtokend::test {
using namespace std::chrono_literals;

namespace {

constexpr std::size_t batch_max = 10'000;

store::open_settings settings_of(world const& w, time_stamp const& at) {
  store::open_settings settings;
  settings.file = w.store_file();
  settings.keys = secret{content_of(w.folder().path("store-key"))};
  settings.apps = {instance_id::parse(app_id).value()};
  settings.at = at;
  return settings;
}

}  // namespace

void fill_store(world& w, unsigned count, instance_maker const& make) {
  event_loop loop;
  system_time const clock{loop};
  auto opened = store::sqlite_store::open(loop.get_executor(), settings_of(w, clock.stamp()),
                                          [](service::loaded_instance&&) {});
  auto* const made = std::get_if<store::opened>(&opened);
  REQUIRE(made != nullptr);
  for (unsigned n = 0; n < count;) {
    service::change_batch batch;
    batch.at = clock.stamp();
    while (n < count && batch.instances.size() < batch_max) {
      batch.instances.push_back(make(++n, batch.at.now));
    }
    auto const written = run_task(loop, made->store->commit(std::move(batch)));
    REQUIRE(written.has_value());
  }
}

service::instance_change warm_instance(unsigned number, std::string const& token, instant now) {
  core::saved_instance one;
  one.key.instance = instance_id::parse(instance_text(number)).value();
  one.registered = true;
  one.generation = number;
  one.token.token = secret{token};
  one.token.sent = now;
  one.token.expires_at = now + 4h;
  one.refresh_at = now + 3h;
  service::instance_change change;
  change.key = one.key;
  change.instance = std::move(one);
  return change;
}

}  // namespace wixtokend::test
