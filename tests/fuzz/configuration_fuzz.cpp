// Any text as a configuration: never a crash; what is accepted is within its limits and is the same
// when it is written out in full; what is wrong is told with its place, and without any value.
#include "daemon/config_document.hpp"
#include "daemon/config_file.hpp"
#include "daemon/duration_text.hpp"
#include "fuzz/configuration_text.hpp"
#include "support/fuzzing.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

using namespace wixtokend;
using test::require;

namespace {

// Stands for a secret in a wrong place: no text of ours has it.
constexpr std::string_view planted = "Zq7";

bool has_planted(std::string_view text) {
  return text.find(planted) != std::string_view::npos;
}

// Names of keys are repeated, values are not.
bool has_planted_key(daemon::config_value const& value);
bool has_planted_key(daemon::config_table const& table) {
  return std::ranges::any_of(table, [](daemon::config_entry const& entry) {
    return has_planted(entry.key) || has_planted_key(entry.value);
  });
}
bool has_planted_key(daemon::config_value const& value) {
  if (auto const* const table = std::get_if<daemon::config_table>(&value.data)) {
    return has_planted_key(*table);
  }
  auto const* const list = std::get_if<daemon::config_list>(&value.data);
  return list != nullptr && std::ranges::any_of(*list, [](daemon::config_value const& element) {
           return has_planted_key(element);
         });
}

void check_problems(std::vector<daemon::config_problem> const& problems, std::string_view text,
                    bool may_repeat) {
  auto const lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  for (auto const& one : problems) {
    require(!one.text.empty() && one.where.line <= lines + 1);
    auto const shown = daemon::to_text("FILE", one);
    require(may_repeat || !has_planted(shown));
    require(std::ranges::none_of(
        shown, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }));
  }
  require(std::ranges::is_sorted(problems, {}, &daemon::config_problem::where));
}

void check_limits(daemon::configuration const& read) {
  using namespace std::chrono_literals;
  require(!read.apps.empty() && !read.sockets.empty());
  for (auto const& app : read.apps) {
    require(!app.name.empty() && app.name.size() <= 32);
    require(instance_id::parse(app.app_id).has_value());
    require(app.server.tls || (app.allow_plain_http && app.server.is_loopback()));
    require(app.policy.requests_per_second_max > 0 && app.policy.in_flight_max >= 1);
    require(app.policy.requests_per_second.value_or(0) <= app.policy.requests_per_second_max);
  }
  for (auto const& socket : read.sockets) {
    require(socket.path.starts_with('/') && socket.path.size() <= 107);
    require(socket.mode <= 0777 && socket.roles <= core::all_roles);
  }
  auto const& limits = read.limits;
  require(limits.connections_per_uid >= 1 && limits.connections_per_uid <= limits.connections);
  require(limits.connections <= 65'536 && limits.max_instances <= 10'000'000);
  require(limits.header_timeout >= 100ms && limits.body_timeout >= 100ms);
  require(limits.wait_default <= limits.wait_max && limits.wait_max <= 60s);
  require(read.api.ready_fraction >= 0 && read.api.ready_fraction <= 1);
  require(read.process.shutdown_grace >= 0s && read.process.shutdown_grace <= 1h);
}

daemon::loaded_configuration parse(std::string_view text) {
  return daemon::parse_configuration(text, "/nowhere", {}, daemon::referred_files::left);
}

void check_duration(std::string_view text) {
  auto const length = daemon::parse_duration(text);
  if (!length.has_value()) return;
  require(*length >= duration{} && *length <= daemon::duration_text_max);
  auto const again = daemon::parse_duration(daemon::format_duration(*length));
  require(again.has_value() && *again == *length);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  auto const text = test::as_text(data, size);
  check_duration(text);
  auto const document = daemon::parse_document(text);
  auto const loaded = parse(text);
  auto const* const table = std::get_if<daemon::config_table>(&document);
  // The parser may name a key that stands twice.
  bool const may_repeat = table == nullptr
                              ? loaded.errors.at(0).text.find("redefine") != std::string::npos
                              : has_planted_key(*table);
  check_problems(loaded.errors, text, may_repeat);
  require(loaded.warnings.empty());
  require(table != nullptr || loaded.errors.size() == 1);
  if (!loaded.errors.empty()) return 0;

  check_limits(loaded.settings);
  auto const written = test::configuration_text(loaded.settings);
  auto const again = parse(written);
  require(again.errors.empty());
  require(test::configuration_text(again.settings) == written);
  return 0;
}
