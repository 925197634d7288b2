#include "emulator/fault_json.hpp"

#include "emulator/token_mint.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 6> kind_names{"pass", "error", "reply",
                                                     "hang", "reset", "close"};
constexpr std::array<std::string_view, 7> shape_names{"rfc",   "wix",  "validation", "legacy",
                                                      "empty", "html", "raw"};
constexpr std::uint64_t delay_ms_max = 3'600'000;

// Each reader takes the member's value into the fault; what it returns completes `"name" …`.
using refusal = std::optional<std::string>;

std::optional<std::uint64_t> number_in(json::value const& value, std::uint64_t min,
                                       std::uint64_t max) {
  error_code failure;
  auto const number = value.to_number<std::uint64_t>(failure);
  if (failure || !(value.is_int64() || value.is_uint64())) return std::nullopt;
  if (number < min || number > max) return std::nullopt;
  return number;
}

std::optional<std::string> text_in(json::value const& value) {
  auto const* const text = value.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string{std::string_view{*text}};
}

// A header must not be split by what a script puts in it.
bool fits_header(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; });
}

refusal read_route(fault& into, json::value const& value) {
  auto const names = value.is_array() ? value.get_array() : json::array{value};
  into.match.routes.reset();
  for (auto const& one : names) {
    auto const name = text_in(one).value_or("");
    auto const where = route_named(name);
    if (name == "api") {
      into.match.routes.set(static_cast<std::size_t>(route::instance));
      into.match.routes.set(static_cast<std::size_t>(route::other));
    } else if (where.has_value()) {
      into.match.routes.set(static_cast<std::size_t>(*where));
    } else {
      return R"(must be "token", "access", "token_info", "instance", "other", "api", or several)";
    }
  }
  return into.match.routes.none() ? refusal{"must not be empty"} : std::nullopt;
}

refusal read_app(fault& into, json::value const& value) {
  auto const id = instance_id::parse(text_in(value).value_or(""));
  if (!id.has_value()) return "must be a GUID";
  into.match.app_id = id->to_string();
  return std::nullopt;
}

refusal read_instance(fault& into, json::value const& value) {
  auto const id = instance_id::parse(text_in(value).value_or(""));
  if (!id.has_value()) return "must be a GUID";
  into.match.instance = *id;
  return std::nullopt;
}

refusal read_times(fault& into, json::value const& value) {
  if (text_in(value) == "forever") return std::nullopt;
  into.times = number_in(value, 1, INT64_MAX);
  return into.times.has_value() ? refusal{} : R"(must be a whole number from 1, or "forever")";
}

refusal read_delay(fault& into, json::value const& value) {
  auto const number = number_in(value, 0, delay_ms_max);
  if (!number.has_value()) return "must be a whole number from 0 to 3600000";
  into.delay = std::chrono::milliseconds{*number};
  return std::nullopt;
}

refusal read_status(fault& into, json::value const& value) {
  auto const number = number_in(value, 200, 599);
  if (!number.has_value()) return "must be from 200 to 599";
  into.status = static_cast<unsigned>(*number);
  return std::nullopt;
}

refusal read_shape(fault& into, json::value const& value) {
  auto const found = std::ranges::find(shape_names, text_in(value).value_or(""));
  if (found == shape_names.end()) {
    return R"(must be "rfc", "wix", "validation", "legacy", "empty", "html" or "raw")";
  }
  into.shape = static_cast<error_shape>(found - shape_names.begin());
  return std::nullopt;
}

refusal read_retry_after(fault& into, json::value const& value) {
  if (value.is_int64()) {
    into.retry_after = std::to_string(value.get_int64());
    return std::nullopt;
  }
  into.retry_after = text_in(value);
  bool const good = into.retry_after.has_value() && fits_header(*into.retry_after);
  return good ? refusal{} : "must be a whole number or a header's text";
}

refusal read_content_type(fault& into, json::value const& value) {
  into.content_type = text_in(value);
  bool const good = into.content_type.has_value() && fits_header(*into.content_type);
  return good ? refusal{} : "must be a header's text";
}

template <std::string fault::*Member>
refusal read_text(fault& into, json::value const& value) {
  auto text = text_in(value);
  if (!text.has_value()) return "must be a string";
  into.*Member = *std::move(text);
  return std::nullopt;
}

template <bool fault::*Member>
refusal read_flag(fault& into, json::value const& value) {
  if (!value.is_bool()) return "must be true or false";
  into.*Member = value.get_bool();
  return std::nullopt;
}

template <std::optional<std::size_t> fault::*Member, std::size_t Min, std::size_t Max>
refusal read_size(fault& into, json::value const& value) {
  into.*Member = number_in(value, Min, Max);
  if ((into.*Member).has_value()) return std::nullopt;
  return "must be a whole number from " + std::to_string(Min) + " to " + std::to_string(Max);
}

refusal read_set(fault& into, json::value const& value) {
  if (!value.is_object()) return "must be an object: members of the reply and their values";
  for (auto const& member : value.get_object()) {
    into.set.emplace_back(std::string{std::string_view{member.key()}},
                          json::serialize(member.value()));
  }
  return std::nullopt;
}

refusal read_remove(fault& into, json::value const& value) {
  auto const* const names = value.if_array();
  if (names == nullptr) return "must be an array of the reply's member names";
  for (auto const& one : *names) {
    auto name = text_in(one);
    if (!name.has_value()) return "must be an array of the reply's member names";
    into.remove.push_back(*std::move(name));
  }
  return std::nullopt;
}

struct member {
  std::string_view name;
  std::string_view kinds;  // the kinds that know it; empty: all
  refusal (*read)(fault&, json::value const&);
};

constexpr std::array members{
    member{"route", "", read_route},
    member{"app", "", read_app},
    member{"instance", "", read_instance},
    member{"times", "", read_times},
    member{"delay_ms", "", read_delay},
    member{"status", "error reply", read_status},
    member{"content_type", "error reply", read_content_type},
    member{"shape", "error", read_shape},
    member{"code", "error", read_text<&fault::code>},
    member{"message", "error", read_text<&fault::message>},
    member{"body", "error", read_text<&fault::body>},
    member{"retry_after", "error", read_retry_after},
    member{"set", "reply", read_set},
    member{"remove", "reply", read_remove},
    member{"same_token", "reply", read_flag<&fault::same_token>},
    member{"other_instance", "reply", read_flag<&fault::other_instance>},
    member{"token_size", "reply",
           read_size<&fault::token_size, token_mint::size_min, token_mint::size_max>},
    member{"after_bytes", "reset close", read_size<&fault::after_bytes, 0, 1'000'000>},
};

parsed<fault> parse_fault(json::value const& value) {
  if (!value.is_object()) return bad_json{"a fault is a JSON object"};
  fault into;
  std::string_view kind = "pass";
  if (auto const* const named = value.get_object().if_contains("kind")) {
    kind = named->is_string() ? std::string_view{named->get_string()} : "";
  }
  auto const which = std::ranges::find(kind_names, kind);
  if (which == kind_names.end()) {
    return bad_json{R"("kind" must be "pass", "error", "reply", "hang", "reset" or "close")"};
  }
  into.kind = static_cast<fault_kind>(which - kind_names.begin());

  for (auto const& [key, content] : value.get_object()) {
    if (key == "kind") continue;
    auto const name = std::string_view{key};
    auto const known = std::ranges::find(members, name, &member::name);
    auto const quoted_name = "\"" + std::string{name} + "\" ";
    if (known == members.end()) return bad_json{quoted_name + "is not a member of a fault"};
    if (!known->kinds.empty() && known->kinds.find(kind) == std::string_view::npos) {
      return bad_json{quoted_name + "is not for the kind \"" + std::string{kind} + "\""};
    }
    auto const refused = known->read(into, content);
    if (refused.has_value()) return bad_json{quoted_name + *refused};
  }
  return into;
}

json::object match_json(fault_match const& match) {
  json::object out;
  if (!match.routes.all()) {
    json::array names;
    for (std::size_t i = 0; i < route_count; ++i) {
      if (match.routes[i]) names.emplace_back(name_of(static_cast<route>(i)));
    }
    out.emplace("route", names);
  }
  if (match.app_id.has_value()) out.emplace("app", *match.app_id);
  if (match.instance.has_value()) out.emplace("instance", match.instance->to_string());
  return out;
}

}  // namespace

parsed<std::vector<fault>> parse_faults(std::string_view text) {
  error_code failure;
  auto const value = json::parse(text, failure);
  if (failure) return bad_json{"this is not JSON: " + failure.message()};

  std::vector<fault> faults;
  for (auto const& one : value.is_array() ? value.get_array() : json::array{value}) {
    auto fault = parse_fault(one);
    if (!fault.has_value()) return fault.error();
    faults.push_back(*std::move(fault));
  }
  return faults;
}

std::string to_json(fault_script const& script) {
  json::array out;
  for (auto const& one : script.entries()) {
    auto entry = match_json(one.what->match);
    entry.emplace("id", one.id);
    entry.emplace("kind", kind_names.at(static_cast<std::size_t>(one.what->kind)));
    entry.emplace("taken", one.taken);
    entry.emplace("left", one.left.has_value() ? json::value(*one.left) : json::value("forever"));
    out.push_back(std::move(entry));
  }
  return json::serialize(out);
}

}  // namespace wixtokend::emulator
