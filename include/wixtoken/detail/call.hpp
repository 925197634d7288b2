#pragma once
// The requests to the daemon, and their bytes. Not for users: it may change with any version.

#include "wixtoken/error.hpp"
#include "wixtoken/instance.hpp"
#include "wixtoken/options.hpp"
#include "wixtoken/secret.hpp"

#include <chrono>
#include <cstdint>
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

/// The bytes of a request, overwritten at their end: they may hold secrets.
class request_bytes {
 public:
  explicit request_bytes(call const& what);
  request_bytes(request_bytes const&) = delete;
  request_bytes& operator=(request_bytes const&) = delete;
  ~request_bytes() { wipe(text_); }

  [[nodiscard]] std::string_view view() const noexcept { return text_; }

 private:
  std::string text_;
};

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

// The calls. `invalid_argument` if the id is empty.

[[nodiscard]] result<call> report_call(options const& settings, std::string_view instance,
                                       std::uint64_t generation, std::chrono::milliseconds wait);
[[nodiscard]] result<call> report_call(options const& settings, std::string_view instance,
                                       secret const& refused, std::chrono::milliseconds wait);
[[nodiscard]] result<call> drop_call(options const& settings, std::string_view instance);
[[nodiscard]] result<call> view_call(options const& settings, std::string_view instance);
[[nodiscard]] result<call> list_call(options const& settings, list_request const& which);
[[nodiscard]] result<call> add_call(options const& settings, std::string_view instance,
                                    registration const& how);
[[nodiscard]] result<call> add_many_call(options const& settings, secret lines, bool replace);
[[nodiscard]] result<call> remove_call(options const& settings, std::string_view instance);
[[nodiscard]] result<call> restore_call(options const& settings, std::string_view instance);
[[nodiscard]] result<call> retry_call(options const& settings, std::string_view instance);
/// `/readyz` and the like.
[[nodiscard]] result<call> plain_call(std::string_view path);

}  // namespace wixtoken::detail
