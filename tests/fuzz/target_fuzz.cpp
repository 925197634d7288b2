// Any request target: never a crash; what is accepted has one meaning, however it is spelt.
// Input: the target; behind the first line feed, a form.
#include "api/parameters.hpp"
#include "api/routes.hpp"
#include "api/target.hpp"
#include "base/instance_id.hpp"
#include "base/text.hpp"
#include "support/fuzzing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

using namespace wixtokend;
using test::require;

namespace {

bool is_clean(std::string const& text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == '\x7f';
         });
}

// Every byte in hexadecimal: the longest spelling of a text.
std::string encoded(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4U];
    out += digits[byte & 0xfU];
  }
  return out;
}

std::string encoded(api::target const& target) {
  std::string out;
  for (auto const& segment : target.path) out.append("/").append(encoded(segment));
  char mark = '?';
  for (auto const& [name, value] : target.query) {
    (out += mark).append(encoded(name)).append("=").append(encoded(value));
    mark = '&';
  }
  return out;
}

void check_parameters(api::parameters const& all) {
  for (auto const& one : all) require(is_clean(one.name) && is_clean(one.value));
  auto const allowed = api::allow_only(all, "min_valid wait limit replace");
  if (allowed.has_value()) require(all.size() <= 4);
  auto const wait = api::read_seconds(all, "wait", duration{}, std::chrono::seconds{60});
  if (wait.has_value()) require(*wait >= duration{} && *wait <= std::chrono::seconds{60});
  auto const limit = api::read_number(all, "limit", 100, 1, 500);
  if (limit.has_value()) require(*limit >= 1 && *limit <= 500);
  static_cast<void>(api::read_flag(all, "replace"));
}

void check_routes(api::target const& target) {
  for (auto const* const method : {"GET", "PUT", "POST", "DELETE", "PATCH"}) {
    auto const match = api::find_route(method, target.path);
    if (!match.has_value()) {
      require(api::entry_of(match.error().what).status ==
              (match.error().allow.empty() ? 404 : 405));
      continue;
    }
    require(match->call->method == method);
    if (!match->instance) continue;
    auto const id = instance_id::parse(*match->instance);
    if (!id.has_value()) continue;
    // Another spelling of the id is the same call on the same instance.
    auto other = target.path;
    std::ranges::replace(other, std::string{*match->instance}, id->to_string());
    auto const again = api::find_route(method, other);
    require(again.has_value() && again->call == match->call);
    require(instance_id::parse(*again->instance) == id);
  }
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const input = test::as_text(data, size);
  auto const line_end = std::min(input.find('\n'), input.size());

  auto const target = api::parse_target(input.substr(0, line_end));
  if (target.has_value()) {
    require(!target->path.empty());
    for (auto const& segment : target->path) require(is_clean(segment));
    auto const again = api::parse_target(encoded(*target));
    require(again.has_value() && *again == *target);
    check_parameters(target->query);
    check_routes(*target);
  }
  auto const form = api::parse_form(input.substr(std::min(line_end + 1, input.size())));
  if (form.has_value()) check_parameters(*form);
  return 0;
}
