#pragma once
// What the daemon knows, as the records that a store seals.

#include "base/error.hpp"
#include "base/secret.hpp"
#include "core/saved_state.hpp"
#include "service/state_store.hpp"
#include "store/run_clocks.hpp"

#include <cstdint>
#include <string_view>

namespace wixtokend::store {

/// What is of the store as a whole.
struct store_meta {
  core::generation_number floor_limit = 0;  ///< generations below were, or may have been, given out
  secret digest_key;  ///< drawn with the store, so that digests outlive the operator's keys
};

// A record begins with its format, a number that changes when the fields do: readers know all
// formats that were ever written, so that rows need no rewriting when a field is added. Then
// follows the number of the run whose instants are in it. Keys are columns of the row, not in the
// record.

[[nodiscard]] secret encode(core::saved_instance const& instance, std::int64_t run);
[[nodiscard]] secret encode(service::saved_grant const& grant, std::int64_t run);
[[nodiscard]] secret encode(core::saved_app const& app, std::int64_t run);
[[nodiscard]] secret encode(run_stamp const& stamp);
[[nodiscard]] secret encode(store_meta const& meta);

// Each returns `bad_record` for what these functions do not write. Instants come out as those of
// the running process; a token whose age is uncertain is left out.

[[nodiscard]] result<core::saved_instance> decode_instance(std::string_view record,
                                                           instance_key key,
                                                           run_clocks const& clocks);
[[nodiscard]] result<service::saved_grant> decode_grant(std::string_view record,
                                                        run_clocks const& clocks);
[[nodiscard]] result<core::saved_app> decode_app(std::string_view record, app_number app,
                                                 run_clocks const& clocks);
[[nodiscard]] result<run_stamp> decode_run(std::string_view record);
[[nodiscard]] result<store_meta> decode_meta(std::string_view record);

}  // namespace wixtokend::store
