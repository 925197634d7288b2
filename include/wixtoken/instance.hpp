#pragma once
// Instances (one installation of the app on one site): how they are registered and what is known.

#include "wixtoken/secret.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wixtoken {

/// A failure to obtain a token, as the daemon recorded it.
struct instance_failure {
  std::string kind;  ///< `transient`, `throttled`, `app_refused`, `instance_blocked`
  unsigned status = 0;
  std::string code;
  std::string message;
  std::string request_id;
  std::optional<std::int64_t> at;
};

/// What became of an authorization code.
struct code_view {
  std::string outcome;  ///< `pending`, `exchanged`, `refused`, `expired`, `superseded`
  std::optional<std::int64_t> deadline_at;
  std::optional<instance_failure> why;
};

/// What is known of an instance; never its token. Texts and dates as in docs/api.md.
struct instance_view {
  std::string instance_id;
  std::string app;
  std::string state;
  std::string grant;
  bool registered = false;
  bool durable = false;
  std::uint64_t generation = 0;
  std::optional<std::int64_t> minted_at;
  std::optional<std::int64_t> expires_at;
  std::optional<std::int64_t> upstream_expires_at;
  bool life_assumed = false;
  bool rejected = false;
  std::optional<std::int64_t> last_used_at;
  std::optional<std::int64_t> next_attempt_at;
  std::string next_attempt_reason;
  std::uint64_t failures_in_row = 0;
  std::uint64_t waiters = 0;
  std::optional<instance_failure> last_error;
  std::vector<code_view> codes;
  std::optional<std::int64_t> removal_announced_at;
  std::string json;  ///< all of it as the daemon wrote it
};

/// Which instances to list.
struct list_request {
  std::string state;      ///< empty: all
  std::size_t limit = 0;  ///< of one page, 1 to 500; 0: the daemon's own
  std::string cursor;     ///< `next_cursor` of the page before; empty: from the beginning
};

/// A page of instances. It can be empty before the end.
struct instance_page {
  std::vector<instance_view> instances;
  std::optional<std::string> next_cursor;  ///< unset: that was the end
};

/// How an instance's tokens are to be obtained.
class registration {
 public:
  /// As it is: known, kept warm; a grant that is stored stays.
  registration() = default;

  /// With the app's secret alone: the ordinary way. @param replace  Also in place of a refresh
  /// token that is stored, which cannot be had again; needs the role `manage`.
  [[nodiscard]] static registration client_credentials(bool replace = false);
  /// With a refresh token (custom authentication, legacy). @param replace  As above.
  [[nodiscard]] static registration refresh_token(secret text, bool replace = false);
  /// With an authorization code that is exchanged for a refresh token.
  [[nodiscard]] static registration authorization_code(secret text);

  /// The request's body.
  [[nodiscard]] secret body() const;
  [[nodiscard]] bool replace() const noexcept { return replace_; }

 private:
  std::string grant_;
  std::string member_;  ///< the name of what `text_` is
  secret text_;
  bool replace_ = false;
};

/// What came of a registration.
struct added_instance {
  bool is_new = false;  ///< it was not registered before
  instance_view view;
};

/// A line of a bulk registration that was not taken.
struct failed_line {
  std::uint64_t line = 0;  ///< from 1
  std::string code;
  std::string description;
};

/// What came of a bulk registration.
struct bulk_summary {
  std::uint64_t lines = 0;
  std::uint64_t added = 0;
  std::uint64_t known = 0;
  std::uint64_t failed = 0;
  std::vector<failed_line> failures;  ///< the first 1,000
};

}  // namespace wixtoken
