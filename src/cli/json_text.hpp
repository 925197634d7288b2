#pragma once
// Writes JSON objects of one line.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wixtokend::cli {

/// A JSON string with its quotes. Bytes that are no UTF-8 stay as they are.
void append_json_string(std::string& out, std::string_view text);

/// An object, member by member.
class json_object {
 public:
  json_object& raw(std::string_view name, std::string_view value);
  json_object& text(std::string_view name, std::string_view value);
  json_object& number(std::string_view name, std::int64_t value);
  json_object& number(std::string_view name, std::optional<std::int64_t> value);
  json_object& flag(std::string_view name, bool value);

  [[nodiscard]] std::string take() { return std::move(text_.append(text_.empty() ? "{}" : "}")); }

 private:
  std::string text_;
};

}  // namespace wixtokend::cli
