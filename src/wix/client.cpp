#include "wix/client.hpp"

#include "base/error.hpp"
#include "wix/redaction.hpp"
#include "wix/refusal.hpp"
#include "wix/reply_time.hpp"
#include "wix/token_format.hpp"

#include <functional>
#include <utility>

namespace wixtokend::wix {
namespace {

// `net` gives OpenSSL's errors, and why a certificate did not verify, in categories of these names.
bool is_tls_error(error_code reason) noexcept {
  std::string_view const category = reason.category().name();
  return reason == errc::tls_setup || category == "tls" || category == "certificate";
}

std::string code_of(net::exchange_error const& error) {
  if (error.reason == errc::timed_out) return "timeout";
  if (error.reason == errc::name_not_found || error.reason == errc::no_address) {
    return "name_not_found";
  }
  if (error.reason == errc::malformed_message || error.reason == errc::header_too_large ||
      error.reason == errc::body_too_large) {
    return "malformed_reply";
  }
  if (is_tls_error(error.reason)) return "tls_failed";
  return error.request_sent ? "connection_lost" : "connect_failed";
}

core::failure failure_of(net::exchange_error const& error, std::string const& endpoint) {
  core::failure failed;  // transient: docs/upstream.md U-53
  failed.code = code_of(error);
  failed.message = presentable(describe("POST " + endpoint, error.reason), message_size_max, {});
  return failed;
}

bool is_off(std::optional<std::chrono::seconds> offset) noexcept {
  return offset.has_value() &&
         (*offset > clock_offset_tolerated || *offset < -clock_offset_tolerated);
}

}  // namespace

client::client(time_source& time, net::http_client& http, net::origin server, app_credentials app,
               observe::logger& log)
    : time_{time},
      http_{http},
      server_{std::move(server)},
      app_id_{std::move(app.app_id)},
      secrets_{std::move(app.app_secret)},
      legacy_life_{app.legacy_life},
      log_{log} {}

task<std::variant<core::minted, core::failure>> client::mint(service::mint_request request) {
  // The secret may be replaced meanwhile, but the answer can only echo the one that was sent.
  auto const [sent_secret, trial] = secrets_.choose();
  auto body = mint_body(app_id_, sent_secret, request);
  auto outcome = co_await post(mint_path(request.how), std::move(body));
  std::variant<core::minted, core::failure> result;
  if (auto* const failed = std::get_if<core::failure>(&outcome)) {
    result = std::move(*failed);
  } else {
    auto& reply = std::get<timed_reply>(outcome);
    result = classify_mint(reply, request, sent_secret, legacy_life_);
    wipe(reply.message.body);
  }
  judge_secret(trial, result);
  co_return result;
}

// What an answer tells of the secret that it was asked for with.
void client::judge_secret(std::uint64_t trial, std::variant<core::minted, core::failure>& result) {
  auto said = secret_choice::answer::accepted;
  auto* const failed = std::get_if<core::failure>(&result);
  if (failed != nullptr) {
    switch (failed->kind) {
      case core::failure_class::app_refused: said = secret_choice::answer::refused; break;
      case core::failure_class::instance_blocked: break;  // the app was not refused
      case core::failure_class::transient:
      case core::failure_class::throttled: said = secret_choice::answer::nothing; break;
    }
  }
  switch (secrets_.told(trial, said)) {
    case secret_choice::verdict::replaced:
      log_.info("app_secret_replaced", {{"app_id", app_id_}});
      break;
    case secret_choice::verdict::kept:
      log_.error("app_secret_refused",
                 {{"app_id", app_id_},
                  {"code", failed->code},
                  {"message", failed->message},
                  {"next", "the secret before it stays in force; correct the secret's file"}});
      failed->kind = core::failure_class::transient;
      failed->code = "app_secret_refused";
      break;
    case secret_choice::verdict::unusable:
    case secret_choice::verdict::none: break;
  }
}

task<std::variant<service::token_info, core::failure>> client::info(secret token) {
  auto body = token_info_body(token);
  auto outcome = co_await post(token_info_path, std::move(body));
  if (auto* const failed = std::get_if<core::failure>(&outcome)) co_return std::move(*failed);

  auto& reply = std::get<timed_reply>(outcome);
  auto result = classify_token_info(reply, token);
  wipe(reply.message.body);
  co_return result;
}

std::optional<instance_id> client::named_in(secret const& token) const {
  auto const claims = decode_token(token.reveal());
  return claims ? claims->instance : std::nullopt;
}

task<std::variant<timed_reply, core::failure>> client::post(std::string_view path,
                                                            std::string body) {
  http::request request;
  request.method = "POST";
  request.target = server_.base_path;
  request.target += path;
  request.headers
      .add("Content-Type", "application/json")  // docs/upstream.md U-5, U-8
      .add("Accept", "application/json")
      .add("User-Agent", "wixtokend");
  request.body = std::move(body);

  timed_reply reply;
  reply.sent = time_.now();
  std::function<void()> note_sent = [this, &reply] { reply.sent = time_.now(); };
  auto const limit = reply.sent + total_timeout;
  auto answer = co_await http_.exchange(std::move(request), limit, std::move(note_sent));
  if (answer.has_error()) {
    co_return failure_of(answer.error(),
                         server_.to_string() + server_.base_path + std::string{path});
  }

  reply.message = *std::move(answer);
  reply.received = time_.now();
  reply.received_wall = time_.wall_now();
  note_clock(reply);
  co_return std::move(reply);
}

// A warning when the local clock leaves the tolerated range, a line when it is back
// (docs/upstream.md U-20); our own deadlines do not depend on it.
void client::note_clock(timed_reply const& reply) {
  auto const offset = clock_offset(reply.message.headers, reply.received_wall);
  if (!offset.has_value()) return;

  bool const was_off = is_off(clock_offset_);
  clock_offset_ = offset;
  if (is_off(offset) && !was_off) {
    log_.warning("local_clock_off", {{"upstream", server_.to_string()},
                                     {"ahead_by", std::to_string(offset->count()) + " s"}});
  } else if (was_off && !is_off(offset)) {
    log_.info("local_clock_right", {{"upstream", server_.to_string()}});
  }
}

}  // namespace wixtokend::wix
