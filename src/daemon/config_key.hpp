#pragma once
// One declared key of the configuration: its name, type, range, default and meaning, and how its
// value gets into the settings.

#include "base/time.hpp"
#include "daemon/config_document.hpp"
#include "daemon/config_problem.hpp"
#include "daemon/duration_text.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace wixtokend::daemon {

/// Collects what is wrong with the value of one key.
class key_problems {
 public:
  key_problems(std::string key, std::vector<config_problem>& all)
      : key_{std::move(key)}, all_{all} {}

  void add(config_position where, std::string text) {
    all_.push_back({where, key_, std::move(text)});
  }

 private:
  std::string key_;
  std::vector<config_problem>& all_;
};

/// A key of a table that is kept in a `Settings`.
template <class Settings>
struct config_key {
  std::string_view name;
  std::string type;          ///< "a boolean", "a duration from …": what a value must be
  std::string default_text;  ///< as it would be written in the file; empty: none
  std::string_view meaning;  ///< one clause, for people
  std::function<void(config_value const&, Settings&, key_problems&)> read;
  bool required = false;
};

// Readers of single values. Each says what is wrong and returns nothing, or returns the value.

std::optional<bool> read_boolean(config_value const& value, key_problems& problems);
std::optional<std::int64_t> read_integer(config_value const& value, std::int64_t min,
                                         std::int64_t max, key_problems& problems);
std::optional<double> read_number(config_value const& value, double min, double max,
                                  key_problems& problems);
std::optional<duration> read_duration(config_value const& value, duration min, duration max,
                                      key_problems& problems);
/// A string of 1 to 1024 bytes without control characters.
std::optional<std::string> read_text(config_value const& value, key_problems& problems);
/// @returns the position of the word in `words`.
std::optional<std::size_t> read_word(config_value const& value,
                                     std::span<std::string_view const> words,
                                     key_problems& problems);
/// @returns the elements, or nothing if the value is no array.
config_list const* read_list(config_value const& value, key_problems& problems);

/// `"a", "b" or "c"`
[[nodiscard]] std::string enumerate(std::span<std::string_view const> words);
/// A number as TOML writes it, without needless zeros.
[[nodiscard]] std::string number_text(double value);

// Declarations. `field` is a pointer to a member of `Settings`, or a function from `Settings&` to a
// reference; the default is what a default-constructed `Settings` holds there.

template <class Settings, class Field>
config_key<Settings> boolean_key(std::string_view name, Field field, std::string_view meaning) {
  Settings defaults;
  return {name, "a boolean", std::invoke(field, defaults) ? "true" : "false", meaning,
          [field](config_value const& value, Settings& into, key_problems& problems) {
            if (auto const read = read_boolean(value, problems)) std::invoke(field, into) = *read;
          }};
}

template <class Settings, class Field>
config_key<Settings> integer_key(std::string_view name, Field field, std::int64_t min,
                                 std::int64_t max, std::string_view meaning) {
  Settings defaults;
  return {name, "an integer from " + std::to_string(min) + " to " + std::to_string(max),
          std::to_string(std::invoke(field, defaults)), meaning,
          [=](config_value const& value, Settings& into, key_problems& problems) {
            auto const read = read_integer(value, min, max, problems);
            if (!read) return;
            auto& target = std::invoke(field, into);
            target = static_cast<std::remove_reference_t<decltype(target)>>(*read);
          }};
}

template <class Settings, class Field>
config_key<Settings> number_key(std::string_view name, Field field, double min, double max,
                                std::string_view meaning) {
  Settings defaults;
  return {name, "a number from " + number_text(min) + " to " + number_text(max),
          number_text(std::invoke(field, defaults)), meaning,
          [=](config_value const& value, Settings& into, key_problems& problems) {
            if (auto const read = read_number(value, min, max, problems)) {
              std::invoke(field, into) = *read;
            }
          }};
}

template <class Settings, class Field>
config_key<Settings> duration_key(std::string_view name, Field field, duration min, duration max,
                                  std::string_view meaning) {
  Settings defaults;
  return {name,
          "a duration from \"" + format_duration(min) + "\" to \"" + format_duration(max) + '"',
          '"' + format_duration(std::invoke(field, defaults)) + '"', meaning,
          [=](config_value const& value, Settings& into, key_problems& problems) {
            if (auto const read = read_duration(value, min, max, problems)) {
              std::invoke(field, into) = *read;
            }
          }};
}

template <class Settings, class Field>
config_key<Settings> text_key(std::string_view name, Field field, std::string_view meaning) {
  Settings defaults;
  std::string const& text = std::invoke(field, defaults);
  return {name, "a string", text.empty() ? text : '"' + text + '"', meaning,
          [field](config_value const& value, Settings& into, key_problems& problems) {
            if (auto read = read_text(value, problems)) {
              std::invoke(field, into) = *std::move(read);
            }
          }};
}

/// A word that stands for a value.
template <class Value>
struct choice {
  std::string_view word;
  Value value;
};

template <class Settings, class Field, class Value, std::size_t N>
config_key<Settings> choice_key(std::string_view name, Field field,
                                std::array<choice<Value>, N> choices, std::string_view meaning) {
  std::array<std::string_view, N> words;
  for (std::size_t i = 0; i < N; ++i) words[i] = choices[i].word;

  Settings defaults;
  std::string default_text;
  for (auto const& one : choices) {
    if (one.value == std::invoke(field, defaults)) default_text = '"' + std::string{one.word} + '"';
  }
  return {name, enumerate(words), default_text, meaning,
          [=](config_value const& value, Settings& into, key_problems& problems) {
            if (auto const read = read_word(value, words, problems)) {
              std::invoke(field, into) = choices[*read].value;
            }
          }};
}

}  // namespace wixtokend::daemon
