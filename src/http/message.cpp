#include "http/message.hpp"

#include "base/secret.hpp"
#include "base/text.hpp"

#include <algorithm>
#include <utility>

namespace wixtokend::http {

fields::~fields() {
  for (auto& one : all_) {
    if (equal_ignoring_case(one.name, "Authorization")) wipe(one.value);
  }
}

fields& fields::add(std::string name, std::string value) {
  all_.push_back({std::move(name), std::move(value)});
  return *this;
}

std::optional<std::string_view> fields::find(std::string_view name) const noexcept {
  auto const found = std::find_if(all_.begin(), all_.end(), [&](field const& one) {
    return equal_ignoring_case(one.name, name);
  });
  if (found == all_.end()) return std::nullopt;
  return found->value;
}

std::string_view reason_phrase(unsigned status) noexcept {
  switch (status) {
    case 100: return "Continue";
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 428: return "Precondition Required";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    default: return "";
  }
}

}  // namespace wixtokend::http
