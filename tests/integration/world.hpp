#pragma once
// The real daemon and the real emulator as processes, and a caller's view of both.

#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace wixtokend::test {

inline constexpr auto app_id = "11111111-2222-4333-8444-555555555555";
inline constexpr auto app_secret = "fake-app-secret-of-the-integration-tests";

/// The instance of number `n` as text, and its path in the local API.
std::string instance_text(unsigned n);
std::string instance_path(unsigned n);

/// What differs between the tests.
struct world_options {
  unsigned expires_in = 14'400;
  std::string certificate = "good";  ///< as the emulator's option
  std::vector<std::string> emulator_arguments;
  bool plain_http = false;             ///< the daemon mints over plain HTTP
  std::string host = "localhost";      ///< in the daemon's base_url
  std::optional<std::string> ca_file;  ///< instead of the emulator's
  std::string secret = app_secret;     ///< what the daemon believes the secret to be
  std::vector<std::string> instances;  ///< registered from the configuration
  std::string app_settings;            ///< more TOML for the app
  std::string settings;                ///< more TOML, behind everything else
  std::string log_level = "trace";     ///< of the daemon
  bool socket_is_inherited = false;    ///< so that the configuration must not say its mode
  bool start_daemon = true;
};

/// Starts both programs, with logs at `trace`, and at its end searches all that they printed, and
/// every error that a `call` was answered with, for every secret that was used.
class world {
 public:
  explicit world(world_options options = {});
  world(world const&) = delete;
  world& operator=(world const&) = delete;
  ~world();

  void start_emulator();
  void start_daemon();
  /// The same, but it may end instead. @returns whether it serves.
  bool try_start_daemon();
  /// Writes the configuration, as it is for the next start, without starting anything.
  void write_config();
  /// Other TOML for the app, from the next writing of the configuration on.
  void set_app_settings(std::string const& toml) { options_.app_settings = toml; }
  /// The same for an instance that is registered from the configuration.
  void add_instance(unsigned n) { options_.instances.push_back(instance_text(n)); }
  /// More TOML for the next start of the daemon, behind everything else.
  void add_settings(std::string const& toml) { options_.settings += toml; }
  /// Gives the daemon a store from its next start on.
  /// @param folder  Where its file is to be, instead of the world's own folder.
  void add_store(std::string const& folder = {});
  /// From its next start on the daemon is started by this program, which gets the daemon's own
  /// command line behind these arguments and must become it.
  void start_daemon_through(std::vector<std::string> starter) { starter_ = std::move(starter); }
  /// Ends the daemon with SIGTERM. @returns its exit code.
  int stop_daemon();
  /// Ends it with SIGKILL, and waits for that.
  void kill_daemon();

  [[nodiscard]] process& emulator() { return *emulator_; }
  [[nodiscard]] process& daemon() { return *daemon_; }
  [[nodiscard]] temporary_folder const& folder() const noexcept { return folder_; }
  [[nodiscard]] std::string socket() const { return folder_.path("wixtokend.sock"); }
  [[nodiscard]] std::string config() const { return folder_.path("wixtokend.toml"); }
  [[nodiscard]] std::string store_file() const { return store_file_; }
  [[nodiscard]] std::uint16_t https_port() const noexcept { return https_port_; }
  [[nodiscard]] std::uint16_t http_port() const noexcept { return http_port_; }

  [[nodiscard]] raw_client connect() const { return raw_client::unix_socket(socket()); }

  /// One request on a connection of its own.
  raw_response call(std::string const& method, std::string const& target,
                    std::string const& body = {}, std::string const& headers = {});

  /// `GET /v1/instances/{id}`; must succeed.
  boost::json::value view(unsigned instance);
  /// What `GET /v1/status` says of the one app.
  boost::json::value app_status();
  /// Registers the instances with these numbers in one request, which must succeed.
  void register_all(unsigned first, unsigned last);

  /// `GET /v1/instances/{id}/token`; remembers the token as a secret.
  raw_response token(unsigned instance, std::string const& query = {},
                     std::string const& headers = {});
  /// The same, waiting until there is one. Fails the test if none comes.
  boost::json::value warm_token(unsigned instance);

  /// One call of the emulator's control API; must succeed.
  boost::json::value control(std::string const& method, std::string const& path,
                             std::string const& body = {});
  /// The same, for an answer that is not JSON.
  std::string control_text(std::string const& method, std::string const& path,
                           std::string const& body = {});
  /// Requests that came to a route of the emulator.
  std::uint64_t requests(std::string const& route);
  /// Replaces the fault script.
  void script(std::string const& faults);
  /// Mints of one instance that the emulator answered, or of all.
  std::uint64_t mints(unsigned instance);
  std::uint64_t mints();

  /// From now on this text must not appear in any log.
  void remember_secret(std::string secret) { secrets_.insert(std::move(secret)); }

 private:
  temporary_folder folder_;
  world_options options_;
  std::uint16_t https_port_ = 0;
  std::uint16_t http_port_ = 0;
  std::unique_ptr<process> emulator_;
  std::unique_ptr<process> daemon_;
  unsigned starts_ = 0;
  std::string store_file_;
  std::vector<std::string> starter_;
  std::set<std::string> secrets_;
  std::string refusals_;  ///< what `call` got with a status from 400 on
};

/// The member of a JSON object; fails the test if it is not there.
boost::json::value const& member(boost::json::value const& object, std::string_view name);
std::string text(boost::json::value const& object, std::string_view name);
std::int64_t number_of(boost::json::value const& object, std::string_view name);
boost::json::value parse(raw_response const& response);

}  // namespace wixtokend::test
