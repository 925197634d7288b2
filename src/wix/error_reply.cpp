#include "wix/error_reply.hpp"

#include "wix/json_reading.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstddef>

namespace wixtokend::wix {
namespace {

constexpr std::size_t code_in_words_max = 64;

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_of_code(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

// `[business][FATAL]… - invalid_token`: one word behind the last dash is a code.
std::string_view code_behind(std::string_view words) noexcept {
  constexpr std::string_view dash = " - ";
  auto const at = words.rfind(dash);
  if (at == std::string_view::npos) return {};
  auto const last = words.substr(at + dash.size());
  if (last.empty() || last.size() > code_in_words_max || !is_letter(last.front())) return {};
  return std::ranges::all_of(last, is_of_code) ? last : std::string_view{};
}

}  // namespace

error_reply read_error(boost::json::object const& body) noexcept {
  error_reply read;
  read.code = string_at(body, "error");

  auto const* const details = object_at(body, "details");
  if (details != nullptr) {
    auto const* const application = object_at(*details, "applicationError");
    if (read.code.empty() && application != nullptr) read.code = string_at(*application, "code");
    read.has_shape = object_at(*details, "validationError") != nullptr;
  }

  if (read.code.empty()) read.code = code_behind(string_at(body, "errorDescription"));

  for (auto const* const key : {"error_description", "message", "errorDescription"}) {
    if (read.message.empty()) read.message = string_at(body, key);
  }
  read.has_shape = read.has_shape || !read.code.empty() || !read.message.empty();
  return read;
}

}  // namespace wixtokend::wix
