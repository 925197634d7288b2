#include "wix/token_info.hpp"

#include "wix/json_reading.hpp"
#include "wix/redaction.hpp"

#include <boost/json.hpp>

#include <string>
#include <utility>

namespace wixtokend::wix {
namespace json = boost::json;
namespace {

// Absent means false: it is the default that the upstream's kind of API may leave out.
std::optional<bool> active_in(json::object const& body) noexcept {
  auto const* const active = body.if_contains("active");
  if (active == nullptr || active->is_null()) return false;
  if (auto const* const native = active->if_bool()) return *native;
  auto const text = string_at(body, "active");
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

}  // namespace

std::optional<service::token_info> parse_token_info(json::object const& body,
                                                    std::span<std::string_view const> hidden) {
  auto const active = active_in(body);
  if (!active.has_value()) return std::nullopt;

  auto const text = [&](std::string_view key) {
    return presentable(string_at(body, key), info_text_size_max, hidden);
  };
  auto const optional_text = [&](std::string_view key) {
    auto read = text(key);
    return read.empty() ? std::nullopt : std::optional{std::move(read)};
  };

  service::token_info info;
  info.active = *active;
  info.subject_type = text("subjectType");
  info.subject_id = text("subjectId");
  info.expires_at = unix_seconds_at(body, "exp");
  info.issued_at = unix_seconds_at(body, "iat");
  info.client_id = text("clientId");
  info.account_id = optional_text("accountId");
  info.site_id = optional_text("siteId");
  info.instance = optional_text("instanceId");
  info.vendor_product_id = optional_text("vendorProductId");
  return info;
}

}  // namespace wixtokend::wix
