#pragma once
// The local API over the real service and engine, on connections in memory, with a virtual clock.

#include "api/server.hpp"
#include "core/access.hpp"
#include "core/engine.hpp"
#include "http/codec.hpp"
#include "service/registrar.hpp"
#include "service/token_service.hpp"
#include "support/engine_world.hpp"
#include "support/memory_stream.hpp"
#include "support/recording_logger.hpp"
#include "support/run_task.hpp"
#include "support/scripted_issuer.hpp"
#include "support/scripted_store.hpp"
#include "support/virtual_time.hpp"

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace wixtokend::test {

using namespace std::chrono_literals;

/// The instance that most tests ask for.
inline constexpr auto sample_id = "2d2f5d2e-6f1a-4c38-9e0b-0d4c6a1b7e55";

/// A local process with a connection: sends exactly the bytes it is told to.
class api_client {
 public:
  api_client(event_loop& loop, virtual_time& time, std::unique_ptr<memory_stream> stream)
      : loop_{loop}, time_{time}, stream_{std::move(stream)} {}

  /// Sends bytes; whatever needs no time to pass happens before this returns.
  void send(std::string_view bytes);
  /// Sends bytes as soon as the loop runs on, before anything else happens. They must stay valid.
  void send_unseen(std::string_view bytes);
  /// No more bytes will come from here.
  void finish_sending();
  /// Closes the connection.
  void leave();
  /// Breaks the connection.
  void reset();

  /// All bytes that have come and were not taken by `take`.
  std::string_view received();
  /// How many of the bytes that were sent the server has not read yet.
  [[nodiscard]] std::size_t unread() const noexcept { return stream_->unread().size(); }
  /// Takes one response; throws if there is no whole one.
  http::response take();
  /// True once the server has ended the connection and everything was taken.
  bool ended();

 private:
  event_loop& loop_;
  virtual_time& time_;
  std::unique_ptr<memory_stream> stream_;
  std::string received_;
};

/// Says of every webhook what it was told to.
class scripted_verifier final : public service::webhook_verifier {
 public:
  std::variant<service::webhook, service::webhook_refusal> says = service::webhook{};
  mutable std::string seen;     ///< the last body
  mutable wall_time seen_at{};  ///< the time that came with it

  [[nodiscard]] std::variant<service::webhook, service::webhook_refusal> verify(
      std::string_view body, wall_time now) const override {
    seen = body;
    seen_at = now;
    return says;
  }
};

/// Two apps, "main" and "blog", with an upstream each, webhooks for the first only; uids 0 and 1000
/// may do everything.
struct api_world {
  event_loop loop{1};
  virtual_time time{loop};
  scripted_issuer issuer{time};
  scripted_issuer blog_issuer{time};
  recording_logger log;
  scripted_store disk{time};
  scripted_verifier verifier;
  core::engine engine;
  service::grant_book grants{fingerprint_key{"of a test"}};
  service::persistence state;
  service::token_service service;
  service::registrar registrar;
  core::access_policy policy = core::access_policy::own_user_and_root(1000, 65534);
  api::server server;
  std::list<api_client> clients;

  static api::api_settings default_settings();
  /// @param with_store  State is kept on `disk`.
  explicit api_world(core::app_policy const& app = {},
                     api::api_settings const& settings = default_settings(),
                     bool with_store = false);
  ~api_world();

  /// A new connection of a user, through a socket that can grant `roles`.
  api_client& connect(std::uint32_t uid = 1000, core::role_set roles = core::all_roles);

  /// Sends one request on a connection of its own and returns the answer. Mints that take no time
  /// are over then.
  http::response request(std::string const& method, std::string const& target,
                         std::string const& headers = {}, std::string const& body = {},
                         std::uint32_t uid = 1000);
  http::response get(std::string const& target, std::string const& headers = {}) {
    return request("GET", target, headers);
  }

  /// Starts the end of the server; it is over after `time.advance` at the latest by then.
  void begin_stop(duration grace);
  bool stopped = false;

 private:
  bool stop_begun_ = false;
};

/// The same with a store.
struct durable_api_world : api_world {
  durable_api_world() : api_world{{}, default_settings(), true} {}
};

/// The bytes of a request with a `Host`, and a `Content-Length` if there is a body.
std::string request_text(std::string const& method, std::string const& target,
                         std::string const& headers = {}, std::string const& body = {});

/// A body as a single chunk, and the last one.
std::string chunked_body(std::string const& body);

/// The path of the sample instance, and what follows it.
inline std::string instance_path(std::string const& rest = {}) {
  return std::string{"/v1/instances/"} + sample_id + rest;
}

/// The value of a header; "-" if it is absent.
inline std::string header_of(http::response const& answer, std::string_view name) {
  return std::string{answer.headers.find(name).value_or("-")};
}

/// The `error` of an error body, with the status: "404 unknown_path".
std::string error_of(http::response const& answer);

/// The value of a member of a JSON object, as it is written there; empty if there is none.
std::string member_of(http::response const& answer, std::string_view name);

}  // namespace wixtokend::test
