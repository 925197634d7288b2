#include "daemon/config_document.hpp"

#include <toml++/toml.h>

#include <utility>

namespace wixtokend::daemon {
namespace {

config_position position_of(toml::source_region const& region) noexcept {
  return {region.begin.line, region.begin.column};
}

config_table convert_table(toml::table const& table);

config_value convert(toml::node const& node) {
  config_value out{position_of(node.source()), config_other{"a date or time"}};
  if (auto const* const table = node.as_table()) {
    out.data = convert_table(*table);
  } else if (auto const* const array = node.as_array()) {
    config_list list;
    for (auto const& element : *array) list.push_back(convert(element));
    out.data = std::move(list);
  } else if (auto const* const text = node.as_string()) {
    out.data = text->get();
  } else if (auto const* const integer = node.as_integer()) {
    out.data = integer->get();
  } else if (auto const* const real = node.as_floating_point()) {
    out.data = real->get();
  } else if (auto const* const truth = node.as_boolean()) {
    out.data = truth->get();
  }
  return out;
}

config_table convert_table(toml::table const& table) {
  config_table out;
  for (auto const& [key, node] : table) {
    out.push_back({std::string{key.str()}, position_of(key.source()), convert(node)});
  }
  return out;
}

// The parser's reason without what it quotes of the file, which may be a piece of a secret.
std::string safe_reason(std::string_view description) {
  constexpr std::string_view opening = "Error while parsing ";
  if (description.starts_with(opening)) description.remove_prefix(opening.size());
  auto const colon = description.find(": ");
  if (colon == std::string_view::npos) return {};

  auto const scope = description.substr(0, colon);
  auto reason = description.substr(colon + 2);
  reason = reason.substr(0, reason.find(", saw '"));
  bool const quotes_the_file = reason.find('\'') != std::string_view::npos &&
                               !reason.starts_with("expected ") &&
                               !reason.starts_with("cannot redefine ");
  std::string out = ", in ";
  out += scope;
  if (!quotes_the_file) {
    out += ": ";
    out += reason;
  }
  return out;
}

}  // namespace

std::string_view type_name(config_value const& value) noexcept {
  struct namer {
    std::string_view operator()(bool) const { return "a boolean"; }
    std::string_view operator()(std::int64_t) const { return "an integer"; }
    std::string_view operator()(double) const { return "a number with a fraction"; }
    std::string_view operator()(std::string const&) const { return "a string"; }
    std::string_view operator()(config_list const&) const { return "an array"; }
    std::string_view operator()(config_table const&) const { return "a table"; }
    std::string_view operator()(config_other const& other) const { return other.type_name; }
  };
  return std::visit(namer{}, value.data);
}

std::variant<config_table, config_problem> parse_document(std::string_view text) {
  try {
    return convert_table(toml::parse(text));
  } catch (toml::parse_error const& error) {
    return config_problem{
        position_of(error.source()), {}, "this is not TOML" + safe_reason(error.description())};
  }
}

}  // namespace wixtokend::daemon
