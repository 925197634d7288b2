#pragma once
// A request to the daemon, and its bytes.

#include "wixtoken/options.hpp"
#include "wixtoken/secret.hpp"
#include "wixtoken/token.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace wixtoken::detail {

/// One request. Each of `headers` ends with CR LF.
struct call {
  std::string method;
  std::string target;
  std::string headers{};
  secret body{};
  bool repeatable = true;  ///< sent again when the connection was lost: it comes to the same
};

/// What is written for it. It may hold secrets: to be wiped.
[[nodiscard]] std::string encode(call const& what);

/// A path and its query.
class target {
 public:
  /// `/v1/instances` of the chosen app.
  explicit target(options const& settings);

  /// Another segment of the path, percent-encoded: whatever is in it, it stays one segment.
  target& segment(std::string_view text);
  target& parameter(std::string_view name, std::string_view value);
  /// In seconds, with three decimals.
  target& parameter(std::string_view name, std::chrono::milliseconds length);

  [[nodiscard]] std::string take() noexcept { return std::move(text_); }

 private:
  void append_encoded(std::string_view text);

  std::string text_;
  bool has_query_ = false;
};

}  // namespace wixtoken::detail
