#pragma once
// Reads all of a store and verifies it on the way. Writes nothing.

#include "core/saved_state.hpp"
#include "service/state_store.hpp"
#include "store/database.hpp"
#include "store/key_ring.hpp"
#include "store/row_identity.hpp"
#include "store/run_clocks.hpp"
#include "store/sealing.hpp"
#include "store/soundness.hpp"
#include "store/state_records.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wixtokend::store {

/// For whom a store is read.
struct load_request {
  std::vector<instance_id> apps;  ///< the configured apps, by number
  time_stamp at;                  ///< now
  std::string boot_id;            ///< of the running kernel
};

/// All of a store but its instances.
struct load_result {
  store_meta meta;
  std::int64_t last_run = 0;  ///< 0: none
  std::vector<key_id> keys;   ///< that rows are sealed with
  std::vector<core::saved_app> apps;
  std::uint64_t app_rows = 0;
  std::uint64_t retained = 0;
  std::uint64_t foreign_rows = 0;  ///< of apps that are not configured
};

/// Opens every row of a store of the current version.
class loader {
 public:
  /// Takes an instance, and whether its app is configured (else its `app_number` means nothing).
  using visitor = std::function<void(service::loaded_instance&&, bool configured)>;

  /// `in` and `keys` must outlive this object.
  loader(database& in, key_ring const& keys, load_request request);

  /// @returns what is wrong; else nothing, and `into` is filled.
  [[nodiscard]] std::optional<unsound> load(load_result& into, visitor const& visit);

 private:
  using row_reader = std::function<std::optional<unsound>(statement const& row, secret content)>;

  std::optional<unsound> each(std::string_view table, std::string_view columns, int identities,
                              row_reader const& read);
  std::optional<unsound> read_keys(load_result& into);
  std::optional<unsound> read_meta(load_result& into);
  std::optional<unsound> read_runs(load_result& into);
  std::optional<unsound> read_apps(load_result& into);
  std::optional<unsound> read_retained(load_result& into);
  std::optional<unsound> read_instances(load_result& into, visitor const& visit);
  std::optional<unsound> read_instance(statement const& row, load_result& into,
                                       visitor const& visit);
  result<secret> open(std::string_view table, statement const& row, int sealed);
  bool is_configured(std::string_view app, app_number& number) const;

  database& in_;
  key_ring const& keys_;
  opener opener_;
  load_request request_;
  std::map<std::string, app_number, std::less<>> numbers_;
  std::optional<run_clocks> clocks_;
};

}  // namespace wixtokend::store
