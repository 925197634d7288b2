#include "emulator/settings.hpp"

#include <boost/json.hpp>
#include <boost/system/error_code.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <vector>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

struct number_setting {
  std::string_view name;
  std::uint32_t settings::*member;
  std::uint32_t min;
  std::uint32_t max;
};

struct choice_setting {
  std::string_view name;
  std::uint32_t settings::*member;
  std::array<std::uint32_t, 3> values;  // repeated where there are fewer
};

struct flag_setting {
  std::string_view name;
  bool settings::*member;
};

constexpr std::uint32_t ten_years = 315'360'000;

constexpr std::array numbers{
    number_setting{"expires_in", &settings::expires_in, 1, ten_years},
    number_setting{"legacy_expires_in", &settings::legacy_expires_in, 1, ten_years},
    number_setting{"token_size", &settings::token_size, 640, 1500},
    number_setting{"legacy_token_size", &settings::legacy_token_size, 640, 8192},
    number_setting{"latency_ms_min", &settings::latency_ms_min, 0, 600'000},
    number_setting{"latency_ms_max", &settings::latency_ms_max, 0, 600'000},
    number_setting{"rate_limit_per_minute", &settings::rate_limit_per_minute, 0, 1'000'000},
    number_setting{"idle_close_seconds", &settings::idle_close_seconds, 1, 86'400},
};

constexpr std::array choices{
    choice_setting{"bad_secret_status", &settings::bad_secret_status, {401, 400, 400}},
    choice_setting{"removed_instance_status", &settings::removed_instance_status, {404, 400, 401}},
    choice_setting{"inactive_token_status", &settings::inactive_token_status, {200, 400, 400}},
};

constexpr std::array flags{
    flag_setting{"instances_listed_only", &settings::instances_listed_only},
    flag_setting{"revoke_on_uninstall", &settings::revoke_on_uninstall},
    flag_setting{"rate_limit_retry_after", &settings::rate_limit_retry_after},
    flag_setting{"rotate_refresh_tokens", &settings::rotate_refresh_tokens},
    flag_setting{"send_date", &settings::send_date},
};

constexpr std::string_view info_types_name = "token_info_types";
constexpr std::array<std::string_view, 3> info_types_names{"mixed", "native", "strings"};

bad_json refused(std::string_view name, std::string_view reason) {
  return {"\"" + std::string{name} + "\" " + std::string{reason}};
}

std::optional<std::uint64_t> whole_number(json::value const& value) {
  boost::system::error_code failure;
  auto const number = value.to_number<std::uint64_t>(failure);
  if (failure || !(value.is_int64() || value.is_uint64())) return std::nullopt;
  return number;
}

std::optional<bad_json> set_number(settings& into, number_setting const& which,
                                   json::value const& value) {
  auto const number = whole_number(value);
  if (!number.has_value() || *number < which.min || *number > which.max) {
    return refused(which.name, "must be a whole number from " + std::to_string(which.min) + " to " +
                                   std::to_string(which.max));
  }
  into.*which.member = static_cast<std::uint32_t>(*number);
  return std::nullopt;
}

std::optional<bad_json> set_choice(settings& into, choice_setting const& which,
                                   json::value const& value) {
  auto const number = whole_number(value);
  if (!number.has_value() || std::ranges::find(which.values, *number) == which.values.end()) {
    std::string values = std::to_string(which.values[0]);
    values += " or " + std::to_string(which.values[1]);
    if (which.values[2] != which.values[1]) values += " or " + std::to_string(which.values[2]);
    return refused(which.name, "must be " + values);
  }
  into.*which.member = static_cast<std::uint32_t>(*number);
  return std::nullopt;
}

std::optional<bad_json> set_info_types(settings& into, json::value const& value) {
  auto const* const text = value.if_string();
  auto const found = text == nullptr ? info_types_names.end()
                                     : std::ranges::find(info_types_names, std::string_view{*text});
  if (found == info_types_names.end()) {
    return refused(info_types_name, R"(must be "mixed", "native" or "strings")");
  }
  into.token_info_types = static_cast<info_types>(found - info_types_names.begin());
  return std::nullopt;
}

std::optional<bad_json> set_one(settings& into, std::string_view name, json::value const& value) {
  auto const number = std::ranges::find(numbers, name, &number_setting::name);
  if (number != numbers.end()) return set_number(into, *number, value);
  auto const choice = std::ranges::find(choices, name, &choice_setting::name);
  if (choice != choices.end()) return set_choice(into, *choice, value);
  if (name == info_types_name) return set_info_types(into, value);

  auto const flag = std::ranges::find(flags, name, &flag_setting::name);
  if (flag == flags.end()) return refused(name, "is not a setting");
  if (!value.is_bool()) return refused(name, "must be true or false");
  into.*(flag->member) = value.get_bool();
  return std::nullopt;
}

}  // namespace

parsed<settings> changed_settings(settings const& before, std::string_view text) {
  boost::system::error_code failure;
  auto const value = json::parse(text, failure);
  if (failure || !value.is_object()) return bad_json{"settings are a JSON object"};

  settings after = before;
  for (auto const& member : value.get_object()) {
    auto refusal = set_one(after, member.key(), member.value());
    if (refusal.has_value()) return *std::move(refusal);
  }
  if (after.latency_ms_min > after.latency_ms_max) {
    return refused("latency_ms_min", "must not exceed \"latency_ms_max\"");
  }
  return after;
}

std::string to_json(settings const& values) {
  json::object out;
  for (auto const& one : numbers) out.emplace(one.name, values.*one.member);
  for (auto const& one : choices) out.emplace(one.name, values.*one.member);
  out.emplace(info_types_name,
              info_types_names.at(static_cast<std::size_t>(values.token_info_types)));
  for (auto const& one : flags) out.emplace(one.name, values.*one.member);
  return json::serialize(out);
}

}  // namespace wixtokend::emulator
