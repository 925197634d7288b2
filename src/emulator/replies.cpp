#include "emulator/replies.hpp"

#include <boost/json.hpp>

#include <utility>

namespace wixtokend::emulator {
namespace {

namespace json = boost::json;

http::response reply_of(unsigned status, std::string_view type, std::string body) {
  http::response reply;
  reply.status = status;
  if (!type.empty()) reply.headers.add("content-type", std::string{type});
  reply.body = std::move(body);
  return reply;
}

http::response object_reply(unsigned status, json::object const& body) {
  return json_reply(status, json::serialize(body));
}

}  // namespace

http::response json_reply(unsigned status, std::string body) {
  return reply_of(status, "application/json", std::move(body));
}

http::response rfc_error(unsigned status, std::string_view error, std::string_view description) {
  return object_reply(status, {{"error", error}, {"error_description", description}});
}

http::response wix_error(unsigned status, std::string_view message, std::string_view code) {
  json::object details;
  if (!code.empty()) {
    json::object const error{{"code", code}, {"description", message}, {"data", json::object{}}};
    details.emplace("applicationError", error);
  }
  return object_reply(status, {{"message", message}, {"details", details}});
}

http::response validation_error(unsigned status, std::string_view field, std::string_view message) {
  json::object const violation{
      {"field", field}, {"description", message}, {"violatedRule", "FORMAT"}};
  json::object const error{{"fieldViolations", json::array{violation}}};
  json::object const details{{"validationError", error}};
  return object_reply(status, {{"message", message}, {"details", details}});
}

http::response legacy_error(unsigned status, std::string_view description) {
  return object_reply(status, {{"errorDescription", description}});
}

http::response html_page(unsigned status) {
  auto const title = std::to_string(status) + " " + std::string{http::reason_phrase(status)};
  return reply_of(status, "text/html; charset=utf-8",
                  "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" +
                      title + "</h1><p>This page is not for programs.</p></body></html>\n");
}

http::response empty_reply(unsigned status) {
  return reply_of(status, {}, {});
}

std::string json_text(std::string_view text) {
  return json::serialize(json::string{text});
}

}  // namespace wixtokend::emulator
