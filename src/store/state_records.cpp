#include "store/state_records.hpp"

#include "store/record.hpp"
#include "store/store_error.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace wixtokend::store {
namespace {

using core::failure;
using core::grant;
using service::code_outcome;

constexpr std::uint8_t format = 1;
constexpr std::uint64_t codes_max = 100'000;  // far more than the service keeps; bounds the reading

// Flags of an instance's record.
constexpr std::uint8_t is_registered = 1;
constexpr std::uint8_t is_assumed = 2;
constexpr std::uint8_t has_last_used = 4;
constexpr std::uint8_t has_trouble = 8;
constexpr std::uint8_t has_removal = 16;
constexpr std::uint8_t has_confirmation = 32;
constexpr std::uint8_t all_flags = 63;

void put(record_writer& into, instant when) {
  into.signed_number(when.time_since_epoch().count());
}

instant take_instant(record_reader& from) {
  return instant{duration{from.signed_number()}};
}

void put(record_writer& into, failure const& why) {
  into.byte(static_cast<std::uint8_t>(why.kind)).number(why.status);
  into.text(why.code).text(why.message).text(why.request_id);
  into.byte(why.retry_after.has_value() ? 1 : 0);
  if (why.retry_after) into.signed_number(why.retry_after->count());
}

template <class Number>
Number take_unsigned(record_reader& from) {
  return static_cast<Number>(from.number_up_to(std::numeric_limits<Number>::max()));
}

failure take_failure(record_reader& from) {
  failure why;
  why.kind = static_cast<core::failure_class>(from.byte());
  why.status = take_unsigned<unsigned>(from);
  why.code = from.text();
  why.message = from.text();
  why.request_id = from.text();
  if (from.truth()) why.retry_after = duration{from.signed_number()};
  return why;
}

void put(record_writer& into, std::optional<failure> const& why) {
  into.byte(why.has_value() ? 1 : 0);
  if (why) put(into, *why);
}

std::optional<failure> take_optional_failure(record_reader& from) {
  if (!from.truth()) return std::nullopt;
  return take_failure(from);
}

bool is_known(failure const& why) noexcept {
  return why.kind <= core::failure_class::instance_blocked;
}

std::uint8_t flag(bool set, std::uint8_t which) noexcept {
  return set ? which : std::uint8_t{0};
}

std::uint8_t flags_of(core::saved_instance const& of) noexcept {
  bool const confirmed = of.removal && of.removal->confirmed_at;
  return static_cast<std::uint8_t>(
      flag(of.registered, is_registered) | flag(of.token.life_assumed, is_assumed) |
      flag(of.last_used.has_value(), has_last_used) | flag(of.trouble.has_value(), has_trouble) |
      flag(of.removal.has_value(), has_removal) | flag(confirmed, has_confirmation));
}

core::saved_trouble take_trouble(record_reader& from, instant_mapping const& ours) {
  core::saved_trouble trouble;
  trouble.why = take_failure(from);
  trouble.at = ours(take_instant(from));
  trouble.blocked = take_unsigned<std::uint16_t>(from);
  trouble.negative_until = ours(take_instant(from));
  trouble.not_before = ours(take_instant(from));
  trouble.background_at = ours(take_instant(from));
  return trouble;
}

service::saved_code take_code(record_reader& from, instant_mapping const& ours) {
  service::saved_code code;
  auto const digest = from.text_of(code.digest.size());
  std::ranges::copy(digest, code.digest.begin());
  code.outcome = static_cast<code_outcome>(from.byte());
  code.code = secret{from.text()};
  code.deadline = ours(take_instant(from));
  code.why = take_optional_failure(from);
  return code;
}

// The mapping of the run that wrote a record; nothing if the record is of another format.
instant_mapping const* begin(record_reader& from, run_clocks const& clocks) {
  if (from.byte() != format) return nullptr;
  return &clocks.of(from.signed_number());
}

}  // namespace

secret encode(core::saved_instance const& instance, std::int64_t run) {
  record_writer into;
  into.byte(format).signed_number(run).byte(flags_of(instance));
  into.byte(static_cast<std::uint8_t>(instance.how)).number(instance.generation);
  into.text(instance.token.token.reveal()).text(instance.token.refresh_token.reveal());
  put(into, instance.token.sent);
  put(into, instance.token.expires_at);
  put(into, instance.refresh_at);
  if (instance.last_used) put(into, *instance.last_used);
  if (auto const& trouble = instance.trouble) {
    put(into, trouble->why);
    put(into, trouble->at);
    into.number(trouble->blocked);
    put(into, trouble->negative_until);
    put(into, trouble->not_before);
    put(into, trouble->background_at);
  }
  if (auto const& removal = instance.removal) {
    put(into, removal->announced_at);
    if (removal->confirmed_at) put(into, *removal->confirmed_at);
  }
  return into.copy();
}

result<core::saved_instance> decode_instance(std::string_view record, instance_key key,
                                             run_clocks const& clocks) {
  record_reader from{record};
  auto const* const ours = begin(from, clocks);
  if (ours == nullptr) return errc::bad_record;
  core::saved_instance instance;
  instance.key = key;
  auto const flags = from.byte();
  auto const has = [&](std::uint8_t which) { return (flags & which) != 0; };
  instance.registered = has(is_registered);
  instance.how = static_cast<grant>(from.byte());
  instance.generation = from.number();
  instance.token.token = secret{from.text()};
  instance.token.refresh_token = secret{from.text()};
  instance.token.sent = (*ours)(take_instant(from));
  instance.token.expires_at = (*ours)(take_instant(from));
  instance.token.life_assumed = has(is_assumed);
  instance.refresh_at = (*ours)(take_instant(from));
  if (has(has_last_used)) instance.last_used = (*ours)(take_instant(from));
  if (has(has_trouble)) instance.trouble = take_trouble(from, *ours);
  if (has(has_removal)) {
    core::saved_removal removal;
    removal.announced_at = (*ours)(take_instant(from));
    if (has(has_confirmation)) removal.confirmed_at = (*ours)(take_instant(from));
    instance.removal = removal;
  }
  bool const known = flags <= all_flags && (has(has_removal) || !has(has_confirmation)) &&
                     instance.how <= grant::none &&
                     (!instance.trouble || is_known(instance.trouble->why));
  if (!from.ended() || !known) return errc::bad_record;
  if (!ours->keeps_tokens()) {
    instance.token = core::minted{};
    instance.refresh_at = instant{};
  }
  return instance;
}

secret encode(service::saved_grant const& kept, std::int64_t run) {
  record_writer into;
  into.byte(format).signed_number(run).text(kept.refresh_token.reveal()).number(kept.codes.size());
  for (auto const& code : kept.codes) {
    into.text({reinterpret_cast<char const*>(code.digest.data()), code.digest.size()});
    into.byte(static_cast<std::uint8_t>(code.outcome)).text(code.code.reveal());
    put(into, code.deadline);
    put(into, code.why);
  }
  return into.copy();
}

result<service::saved_grant> decode_grant(std::string_view record, run_clocks const& clocks) {
  record_reader from{record};
  auto const* const ours = begin(from, clocks);
  if (ours == nullptr) return errc::bad_record;
  service::saved_grant kept;
  kept.refresh_token = secret{from.text()};
  auto const count = from.number();
  if (count > codes_max) return errc::bad_record;
  for (std::uint64_t i = 0; i < count && from.ok(); ++i) {
    auto& code = kept.codes.emplace_back(take_code(from, *ours));
    bool const known =
        code.outcome <= code_outcome::superseded && (!code.why || is_known(*code.why));
    if (!known) return errc::bad_record;
  }
  if (!from.ended()) return errc::bad_record;
  return kept;
}

secret encode(core::saved_app const& app, std::int64_t run) {
  record_writer into;
  into.byte(format).signed_number(run).number(std::bit_cast<std::uint64_t>(app.rate));
  put(into, app.paused_until);
  into.number(app.breaker_openings);
  put(into, app.breaker_until);
  into.number(app.refusals).byte(app.suspected ? 1 : 0);
  put(into, app.refusal);
  put(into, app.probe_at);
  return into.copy();
}

result<core::saved_app> decode_app(std::string_view record, app_number number,
                                   run_clocks const& clocks) {
  record_reader from{record};
  auto const* const ours = begin(from, clocks);
  if (ours == nullptr) return errc::bad_record;
  core::saved_app app;
  app.app = number;
  app.rate = std::bit_cast<double>(from.number());
  app.paused_until = (*ours)(take_instant(from));
  app.breaker_openings = take_unsigned<unsigned>(from);
  app.breaker_until = (*ours)(take_instant(from));
  app.refusals = take_unsigned<unsigned>(from);
  app.suspected = from.truth();
  app.refusal = take_failure(from);
  app.probe_at = (*ours)(take_instant(from));
  if (!from.ended() || !is_known(app.refusal)) return errc::bad_record;
  return app;
}

secret encode(run_stamp const& stamp) {
  record_writer into;
  into.byte(format).text(stamp.boot_id);
  put(into, stamp.last.now);
  into.signed_number(stamp.last.boot.count());
  into.signed_number(stamp.last.wall.time_since_epoch().count());
  into.byte(stamp.last.synchronised ? 1 : 0);
  return into.copy();
}

result<run_stamp> decode_run(std::string_view record) {
  record_reader from{record};
  if (from.byte() != format) return errc::bad_record;
  run_stamp stamp;
  stamp.boot_id = from.text();
  stamp.last.now = take_instant(from);
  stamp.last.boot = std::chrono::nanoseconds{from.signed_number()};
  stamp.last.wall = wall_time{std::chrono::milliseconds{from.signed_number()}};
  stamp.last.synchronised = from.truth();
  if (!from.ended()) return errc::bad_record;
  return stamp;
}

secret encode(store_meta const& meta) {
  record_writer into;
  into.byte(format).number(meta.floor_limit).text(meta.digest_key.reveal());
  return into.copy();
}

result<store_meta> decode_meta(std::string_view record) {
  record_reader from{record};
  if (from.byte() != format) return errc::bad_record;
  store_meta meta;
  meta.floor_limit = from.number();
  meta.digest_key = secret{from.text()};
  if (!from.ended()) return errc::bad_record;
  return meta;
}

}  // namespace wixtokend::store
