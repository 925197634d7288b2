#include "wix/error_reply.hpp"

#include "wix/json_reading.hpp"

#include <boost/json.hpp>

namespace wixtokend::wix {

error_reply read_error(boost::json::object const& body) noexcept {
  error_reply read;
  read.code = string_at(body, "error");

  auto const* const details = object_at(body, "details");
  if (details != nullptr) {
    auto const* const application = object_at(*details, "applicationError");
    if (read.code.empty() && application != nullptr) read.code = string_at(*application, "code");
    read.has_shape = object_at(*details, "validationError") != nullptr;
  }

  for (auto const* const key : {"error_description", "message", "errorDescription"}) {
    if (read.message.empty()) read.message = string_at(body, key);
  }
  read.has_shape = read.has_shape || !read.code.empty() || !read.message.empty();
  return read;
}

}  // namespace wixtokend::wix
