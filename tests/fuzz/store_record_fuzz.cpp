// Any bytes as a record of the store: never a crash; only what the store writes is accepted, and
// comes out as it went in, whatever the clocks of the run that wrote it showed.
// Input: the kind of record, whether the run's clocks come with it (then 28 bytes), the record.
#include "store/state_records.hpp"
#include "support/fuzzing.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

using namespace wixtokend;
using test::require;

namespace {

constexpr std::int64_t our_run = 7;
constexpr std::size_t run_at = 1;  // in a record: behind its format

// Under these, instants stay what they are.
store::run_clocks const& still_clocks() {
  static store::run_clocks const clocks{{{our_run, {"boot", {}}}}, {}, "boot"};
  return clocks;
}

store::run_clocks clocks_of(test::input_reader& input) {
  auto const number = [&](std::size_t size) {
    return static_cast<std::int64_t>(input.number(size));
  };
  store::run_stamp stamp;
  stamp.boot_id = input.byte() % 2 == 0 ? "boot" : "earlier";
  stamp.last.now = instant{duration{number(8)}};
  stamp.last.boot = duration{number(8)};
  stamp.last.wall = wall_time{std::chrono::milliseconds{number(8)}};
  stamp.last.synchronised = input.byte() % 2 == 0;
  time_stamp now;
  now.now = instant{std::chrono::hours{1}};
  now.boot = std::chrono::hours{input.byte()};
  now.wall = wall_time{std::chrono::hours{24 * 365 * 56}};
  now.synchronised = input.byte() % 2 == 0;
  return store::run_clocks{{{our_run, std::move(stamp)}}, now, "boot"};
}

bool is_of_our_run(std::string_view record) {
  test::input_reader reader{record.substr(run_at)};
  return reader.number(8) == our_run;
}

// A record with instants. `decode` takes the record and clocks.
template <class Decode>
void check_of_run(std::string_view record, store::run_clocks const& clocks, Decode decode) {
  auto const read = decode(record, still_clocks());
  // The clocks change instants, not what is acceptable.
  require(decode(record, clocks).has_value() == read.has_value());
  if (!read.has_value()) return;
  auto const written = store::encode(*read, our_run);
  if (is_of_our_run(record)) require(written.reveal() == record);
  auto const again = decode(written.reveal(), still_clocks());
  require(again.has_value() && store::encode(*again, our_run) == written);
  for (std::size_t size = 0; size < written.size(); ++size) {
    require(!decode(written.reveal().substr(0, size), still_clocks()).has_value());
  }
}

template <class Value>
void check_plain(std::string_view record, result<Value> const& read) {
  if (read.has_value()) require(store::encode(*read).reveal() == record);
}

// What never was, and what never comes, stays so; nothing else becomes it before its time.
void check_mapping(store::run_clocks const& clocks, std::int64_t written) {
  auto const& ours = clocks.of(our_run);
  require(ours(never) == never && ours(instant::min()) == instant::min());
  instant const when{duration{written}};
  if (when == instant::max() || when == instant::min()) return;
  require(ours(when) <= ours(when + duration{1}) || when + duration{1} == never);
  require(clocks.of(our_run + 1)(when) == instant{std::chrono::hours{1}});
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  if (size < 2) return 0;
  test::input_reader input{test::as_text(data, size)};
  auto const kind = input.byte();
  bool const brings_clocks = input.byte() % 2 != 0;
  auto const clocks = brings_clocks ? clocks_of(input) : still_clocks();
  auto const record = input.rest();

  switch (kind % 5) {
    case 0: {
      instance_key const key{app_number{3}, {}};
      check_of_run(record, clocks, [&](std::string_view bytes, store::run_clocks const& by) {
        return store::decode_instance(bytes, key, by);
      });
      break;
    }
    case 1: check_of_run(record, clocks, &store::decode_grant); break;
    case 2:
      check_of_run(record, clocks, [](std::string_view bytes, store::run_clocks const& by) {
        return store::decode_app(bytes, app_number{3}, by);
      });
      break;
    case 3: check_plain(record, store::decode_run(record)); break;
    default: check_plain(record, store::decode_meta(record)); break;
  }
  if (brings_clocks) check_mapping(clocks, static_cast<std::int64_t>(input.number(8)));
  return 0;
}
