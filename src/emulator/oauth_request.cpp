#include "emulator/oauth_request.hpp"

#include "base/text.hpp"
#include "emulator/form.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

struct field_name {
  std::string_view snake;
  std::string_view camel;
  std::string oauth_request::*member;
};

constexpr std::array field_names{
    field_name{"grant_type", "grantType", &oauth_request::grant_type},
    field_name{"client_id", "clientId", &oauth_request::client_id},
    field_name{"instance_id", "instanceId", &oauth_request::instance_id},
    field_name{"code", "code", &oauth_request::code},
    field_name{"refresh_token", "refreshToken", &oauth_request::refresh_token},
    field_name{"token", "token", &oauth_request::token},
};

// `look_up(name)` gives the text of a field, if there is one.
template <class LookUp>
oauth_request collect(LookUp const& look_up) {
  auto const either = [&](std::string_view snake, std::string_view camel) {
    auto const found = look_up(snake);
    return found.has_value() ? found : look_up(camel);
  };
  oauth_request request;
  for (auto const& [snake, camel, member] : field_names) {
    request.*member = either(snake, camel).value_or("");
  }
  request.client_secret = secret{either("client_secret", "clientSecret").value_or("")};
  return request;
}

bool is_form(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return equal_ignoring_case(type, "application/x-www-form-urlencoded");
}

}  // namespace

result<oauth_request> parse_oauth_request(std::string_view content_type, std::string_view body) {
  if (is_form(content_type)) {
    auto const fields = parse_form(body);
    if (!fields.has_value()) return fields.error();
    return collect([&](std::string_view name) { return find(*fields, name); });
  }

  // The usual body is small: its JSON values live on the stack.
  std::array<unsigned char, 2048> memory{};
  json::monotonic_resource resource{memory.data(), memory.size()};
  error_code failure;
  auto const value = json::parse(body, failure, &resource);
  if (failure || !value.is_object()) return errc::invalid_json;
  auto const& members = value.get_object();
  return collect([&](std::string_view name) -> std::optional<std::string_view> {
    auto const* const member = members.if_contains(name);
    if (member == nullptr || !member->is_string()) return std::nullopt;
    return std::string_view{member->get_string()};
  });
}

}  // namespace wixtokend::emulator
