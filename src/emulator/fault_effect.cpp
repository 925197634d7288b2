#include "emulator/fault_effect.hpp"

#include "base/text.hpp"
#include "emulator/replies.hpp"

#include <boost/json.hpp>

#include <utility>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

std::string_view usual_code(error_shape shape, unsigned status) {
  if (shape == error_shape::wix) {
    if (status == 429) return "RESOURCE_EXHAUSTED";
    return status == 401 ? "UNAUTHENTICATED" : "";
  }
  if (status == 401) return "invalid_client";
  if (status == 400) return "invalid_request";
  return status == 429 || status >= 500 ? "temporarily_unavailable" : "access_denied";
}

// The upstream's own faults are "empty by design" in its own shape (docs/upstream.md U-46).
std::string_view usual_message(error_shape shape, unsigned status) {
  if (shape == error_shape::wix && status >= 500) return "";
  return "scripted by the emulator's control API";
}

http::response shaped(fault const& what, unsigned status) {
  std::string_view const code =
      what.code.empty() ? usual_code(what.shape, status) : std::string_view{what.code};
  std::string_view const message =
      what.message.empty() ? usual_message(what.shape, status) : std::string_view{what.message};
  switch (what.shape) {
    case error_shape::rfc: return rfc_error(status, code, message);
    case error_shape::wix: return wix_error(status, message, code);
    case error_shape::validation:
      return validation_error(status, what.code.empty() ? "field" : what.code, message);
    case error_shape::legacy: return legacy_error(status, message);
    case error_shape::empty: return empty_reply(status);
    case error_shape::html: return html_page(status);
    case error_shape::raw: break;
  }
  auto reply = empty_reply(status);
  reply.body = what.body;
  return reply;
}

void set_content_type(http::response& reply, std::string const& type) {
  http::fields headers;
  for (auto const& [name, value] : reply.headers) {
    if (!equal_ignoring_case(name, "content-type")) headers.add(name, value);
  }
  headers.add("content-type", type);
  reply.headers = std::move(headers);
}

void change_members(http::response& reply, fault const& what) {
  if (what.set.empty() && what.remove.empty()) return;
  error_code failure;
  auto body = json::parse(reply.body, failure);
  if (failure || !body.is_object()) return;
  auto& members = body.get_object();
  for (auto const& [name, value] : what.set) members[name] = json::parse(value);
  for (auto const& name : what.remove) members.stable_erase(name);
  reply.body = json::serialize(body);
}

}  // namespace

http::response error_reply(fault const& what) {
  auto reply = shaped(what, what.status.value_or(500));
  if (what.content_type.has_value()) set_content_type(reply, *what.content_type);
  if (what.retry_after.has_value()) reply.headers.add("retry-after", *what.retry_after);
  return reply;
}

void alter(http::response& usual, fault const& what) {
  if (usual.status != 200) return;
  change_members(usual, what);
  if (what.status.has_value()) usual.status = *what.status;
  if (what.content_type.has_value()) set_content_type(usual, *what.content_type);
}

}  // namespace wixtokend::emulator
