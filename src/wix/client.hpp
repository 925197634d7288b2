#pragma once
// The upstream of one app: sends the calls of `oauth` over HTTP.

#include "async/task.hpp"
#include "async/time_source.hpp"
#include "base/secret.hpp"
#include "net/http_client.hpp"
#include "net/origin.hpp"
#include "observe/log.hpp"
#include "service/ports.hpp"
#include "wix/oauth.hpp"
#include "wix/secret_choice.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace wixtokend::wix {

/// A call that has no answer by then has failed.
inline constexpr std::chrono::seconds total_timeout{10};

/// What an app proves itself with.
struct app_credentials {
  std::string app_id;                   ///< the OAuth `client_id`
  secret app_secret;                    ///< the OAuth `client_secret`
  duration legacy_life = life_assumed;  ///< assumed of tokens of custom authentication
};

/// Implements `token_source` over an HTTP client of the upstream's origin. Belongs to the loop's
/// thread; must outlive its calls. Bodies that hold secrets are wiped as soon as they were read.
class client final : public service::token_source {
 public:
  /// @param http    Connects to `server`; may be shared by several apps of that server.
  /// @param server  Used for its path prefix and for the texts of failures.
  client(time_source& time, net::http_client& http, net::origin server, app_credentials app,
         observe::logger& log);

  /// Transport failures are transient, without status, with one of the codes `timeout`,
  /// `name_not_found`, `tls_failed`, `connect_failed`, `connection_lost` and `malformed_reply`,
  /// and a message that names the endpoint. Answers: see `classify_mint`.
  task<std::variant<core::minted, core::failure>> mint(service::mint_request request) override;

  /// As `mint`; answers: see `classify_token_info`.
  task<std::variant<service::token_info, core::failure>> info(secret token) override;

  /// As far as `decode_token` can tell.
  [[nodiscard]] std::optional<instance_id> named_in(secret const& token) const override;

  /// Takes a new app secret: the next mint tries it, and until one was accepted with it the one
  /// before stays in force. A mint that fails for the new secret alone is a transient failure with
  /// the code `app_secret_refused`. Calls under way go on with the one they began with.
  void replace_secret(secret fresh) { secrets_.offer(std::move(fresh)); }

  /// The life assumed of tokens of custom authentication from now on.
  void assume_legacy_life(duration life) noexcept { legacy_life_ = life; }

  [[nodiscard]] std::optional<std::chrono::seconds> last_clock_offset() const noexcept override {
    return clock_offset_;
  }

 private:
  task<std::variant<timed_reply, core::failure>> post(std::string_view path, std::string body);
  void note_clock(timed_reply const& reply);
  void judge_secret(std::uint64_t trial, std::variant<core::minted, core::failure>& result);

  time_source& time_;
  net::http_client& http_;
  net::origin server_;
  std::string const app_id_;
  secret_choice secrets_;
  duration legacy_life_;
  observe::logger& log_;
  std::optional<std::chrono::seconds> clock_offset_;
};

}  // namespace wixtokend::wix
