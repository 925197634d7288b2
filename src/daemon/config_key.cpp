#include "daemon/config_key.hpp"

#include <algorithm>
#include <charconv>

namespace wixtokend::daemon {
namespace {

void add_wrong_type(config_value const& value, std::string const& wanted, key_problems& problems) {
  problems.add(value.where, "must be " + wanted + ", but is " + std::string{type_name(value)});
}

bool is_control(char c) noexcept {
  auto const byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

}  // namespace

std::optional<bool> read_boolean(config_value const& value, key_problems& problems) {
  if (auto const* const truth = std::get_if<bool>(&value.data)) return *truth;
  add_wrong_type(value, "true or false", problems);
  return {};
}

std::optional<std::int64_t> read_integer(config_value const& value, std::int64_t min,
                                         std::int64_t max, key_problems& problems) {
  auto const* const number = std::get_if<std::int64_t>(&value.data);
  if (number == nullptr) {
    add_wrong_type(value, "an integer", problems);
    return {};
  }
  if (*number < min || *number > max) {
    problems.add(value.where, "must be from " + std::to_string(min) + " to " + std::to_string(max));
    return {};
  }
  return *number;
}

std::optional<double> read_number(config_value const& value, double min, double max,
                                  key_problems& problems) {
  double number = 0;
  if (auto const* const integer = std::get_if<std::int64_t>(&value.data)) {
    number = static_cast<double>(*integer);
  } else if (auto const* const real = std::get_if<double>(&value.data)) {
    number = *real;
  } else {
    add_wrong_type(value, "a number", problems);
    return {};
  }
  bool const within = number >= min && number <= max;  // false for "not a number"
  if (!within) {
    problems.add(value.where, "must be from " + number_text(min) + " to " + number_text(max));
    return {};
  }
  return number;
}

std::optional<duration> read_duration(config_value const& value, duration min, duration max,
                                      key_problems& problems) {
  auto const* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    add_wrong_type(value, R"(a duration in quotes, such as "30s" or "1h30m")", problems);
    return {};
  }
  auto const length = parse_duration(*text);
  if (!length.has_value()) {
    problems.add(value.where,
                 "must be a duration: whole numbers with the units h, m, s, ms, such as \"30s\" or "
                 "\"1h30m\"");
    return {};
  }
  if (*length < min || *length > max) {
    problems.add(value.where, "must be from \"" + format_duration(min) + "\" to \"" +
                                  format_duration(max) + '"');
    return {};
  }
  return *length;
}

std::optional<std::string> read_text(config_value const& value, key_problems& problems) {
  constexpr std::size_t size_max = 1024;
  auto const* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    add_wrong_type(value, "a string", problems);
    return {};
  }
  if (text->empty()) {
    problems.add(value.where, "must not be empty: leave the key out instead");
    return {};
  }
  if (text->size() > size_max || std::ranges::any_of(*text, is_control)) {
    problems.add(value.where, "must have at most 1024 bytes and no control characters");
    return {};
  }
  return *text;
}

std::optional<std::size_t> read_word(config_value const& value,
                                     std::span<std::string_view const> words,
                                     key_problems& problems) {
  auto const* const text = std::get_if<std::string>(&value.data);
  if (text == nullptr) {
    add_wrong_type(value, enumerate(words), problems);
    return {};
  }
  auto const found = std::ranges::find(words, std::string_view{*text});
  if (found == words.end()) {
    problems.add(value.where, "must be " + enumerate(words));
    return {};
  }
  return static_cast<std::size_t>(found - words.begin());
}

config_list const* read_list(config_value const& value, key_problems& problems) {
  auto const* const list = std::get_if<config_list>(&value.data);
  if (list == nullptr) add_wrong_type(value, "an array", problems);
  return list;
}

std::string enumerate(std::span<std::string_view const> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += '"';
    out += words[i];
    out += '"';
  }
  return out;
}

std::string number_text(double value) {
  std::array<char, 32> digits{};
  auto const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  return {digits.data(), end.ptr};
}

}  // namespace wixtokend::daemon
