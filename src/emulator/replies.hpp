#pragma once
// The shapes in which the upstream answers.

#include "http/message.hpp"

#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// A JSON reply; `body` is already text.
[[nodiscard]] http::response json_reply(unsigned status, std::string body);

/// `{"error": …, "error_description": …}`: RFC 6749 section 5.2 (docs/upstream.md U-44).
[[nodiscard]] http::response rfc_error(unsigned status, std::string_view error,
                                       std::string_view description);

/// `{"message": …, "details": {"applicationError": {"code", "description", "data"}}}`; without a
/// code `details` is empty (U-44, U-46).
[[nodiscard]] http::response wix_error(unsigned status, std::string_view message,
                                       std::string_view code = {});

/// `{"message": …, "details": {"validationError": {"fieldViolations": […]}}}` (U-44).
[[nodiscard]] http::response validation_error(unsigned status, std::string_view field,
                                              std::string_view message);

/// `{"errorDescription": …}`, as `/oauth/access` was seen to answer (U-29).
[[nodiscard]] http::response legacy_error(unsigned status, std::string_view description);

/// A page as a gateway sends it (U-46).
[[nodiscard]] http::response html_page(unsigned status);

/// A reply without a body and without a content type.
[[nodiscard]] http::response empty_reply(unsigned status);

/// A JSON string with its quotes.
[[nodiscard]] std::string json_text(std::string_view text);

}  // namespace wixtokend::emulator
