#include "daemon/config_file.hpp"

#include "base/text.hpp"
#include "daemon/account_names.hpp"
#include "daemon/config_checks.hpp"
#include "daemon/config_document.hpp"
#include "daemon/config_reader.hpp"
#include "daemon/secret_file.hpp"
#include "net/proxy.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace wixtokend::daemon {
namespace {

// A million instances take 40 MB.
constexpr std::uintmax_t file_size_max = 64UL * 1024 * 1024;

std::string absolute(std::string const& path, std::string const& folder) {
  return (std::filesystem::path{folder} / path).lexically_normal().string();
}

// Fills in what the settings refer to.
class completion {
 public:
  completion(config_reading& reading, std::string const& folder, surroundings const& around,
             std::vector<config_problem>& warnings)
      : reading_{reading}, folder_{folder}, around_{around}, warnings_{warnings} {}

  void run() {
    auto& settings = reading_.settings;
    for (std::size_t i = 0; i < settings.apps.size(); ++i) {
      auto& app = settings.apps[i];
      if (!app.ca_file.empty()) app.ca_file = absolute(app.ca_file, folder_);
      complete_secret(app, i);
      complete_proxy(app, i);
    }
    for (std::size_t i = 0; i < settings.sockets.size(); ++i) {
      complete_owner(settings.sockets[i], i);
    }
  }

 private:
  [[nodiscard]] config_problem problem(std::string_view table, std::size_t index,
                                       std::string_view key, std::string text) const {
    return {reading_.places.find(table, index, key), std::string{table} + '.' + std::string{key},
            std::move(text)};
  }

  // The file of an app's secret; empty if there is none.
  [[nodiscard]] std::string secret_path(app_settings const& app, std::size_t index) const {
    if (!app.app_secret_file.empty()) return absolute(app.app_secret_file, folder_);
    if (around_.credentials_directory.empty()) return {};
    auto const shared = std::filesystem::path{around_.credentials_directory} / "app_secret";
    auto own = shared.string() + '.' + app.name;
    std::error_code ignored;
    if (std::filesystem::exists(own, ignored)) return own;
    bool const is_default = index == 0;
    return is_default && std::filesystem::exists(shared, ignored) ? shared.string() : std::string{};
  }

  void complete_secret(app_settings& app, std::size_t index) {
    // A refused value was complained about already, and has been cleared.
    auto const& places = reading_.places;
    bool const refused =
        app.app_secret_file.empty() &&
        places.find("app", index, "app_secret_file") != places.find("app", index, {});
    if (refused) return;

    auto const path = secret_path(app, index);
    if (path.empty()) {
      reading_.problems.push_back(
          problem("app", index, "app_secret_file",
                  "is missing, and there is no systemd credential \"app_secret." + app.name +
                      (index == 0 ? "\" or \"app_secret\"" : "\"") + " either"));
      return;
    }
    auto outcome = read_secret_file(path);
    if (auto const* const why = std::get_if<secret_refused>(&outcome)) {
      reading_.problems.push_back(
          problem("app", index, "app_secret_file", quoted(path, 1024) + ' ' + why->text));
      return;
    }
    auto& read = std::get<read_secret>(outcome);
    app.app_secret = std::move(read.value);
    if (read.warning.empty()) return;
    warnings_.push_back(
        problem("app", index, "app_secret_file", quoted(path, 1024) + ' ' + read.warning));
  }

  // A proxy that is configured is taken; else the environment decides.
  void complete_proxy(app_settings& app, std::size_t index) {
    if (app.proxy == "none" || app.server.host.empty()) return;
    bool const configured = !app.proxy.empty();
    auto const& proxy = configured ? app.proxy : around_.https_proxy;
    auto chosen = net::choose_proxy(app.server, proxy, configured ? "" : around_.no_proxy);
    if (chosen.has_value()) {
      app.proxy_server = *std::move(chosen);
      return;
    }
    auto const* const what = configured ? "must be" : "is absent, and HTTPS_PROXY is not";
    reading_.problems.push_back(
        problem("app", index, "proxy",
                std::string{what} + " http://HOST:PORT, without a user name; \"none\" connects "
                                    "directly"));
  }

  template <class Id>
  void complete_id(std::string_view key, std::string const& name, std::size_t index,
                   result<Id> (*find)(std::string const&), std::optional<Id>& into) {
    if (name.empty()) return;
    auto const id = find(name);
    if (id.has_value()) {
      into = *id;
      return;
    }
    auto text = (key == "owner" ? "user " : "group ") + wixtokend::quoted(name);  // not std's
    text = id.error() == errc::unknown_name ? "there is no " + text
                                            : text + ": " + id.error().message();
    reading_.problems.push_back(problem("socket", index, key, std::move(text)));
  }

  void complete_owner(socket_settings& socket, std::size_t index) {
    complete_id("owner", socket.owner, index, &find_user, socket.owner_id);
    complete_id("group", socket.group, index, &find_group, socket.group_id);
  }

  config_reading& reading_;
  std::string const& folder_;
  surroundings const& around_;
  std::vector<config_problem>& warnings_;
};

loaded_configuration failed(std::string text) {
  loaded_configuration out;
  out.errors.push_back({{}, {}, std::move(text)});
  return out;
}

}  // namespace

loaded_configuration parse_configuration(std::string_view text, std::string const& folder,
                                         surroundings const& around) {
  auto document = parse_document(text);
  if (auto* const problem = std::get_if<config_problem>(&document)) {
    loaded_configuration out;
    out.errors.push_back(std::move(*problem));
    return out;
  }
  auto reading = read_document(std::get<config_table>(document));
  check_consistency(reading);

  std::vector<config_problem> warnings;
  completion{reading, folder, around, warnings}.run();
  sort_by_position(reading.problems);
  sort_by_position(warnings);
  return {std::move(reading.settings), std::move(reading.problems), std::move(warnings)};
}

loaded_configuration load_configuration(std::string const& file, surroundings const& around) {
  std::error_code reason;
  bool const is_folder = std::filesystem::is_directory(file, reason);
  if (is_folder) return failed("is a folder, not a file");

  std::ifstream stream{file, std::ios::binary};
  if (!stream) return failed("cannot be opened: " + std::generic_category().message(errno));

  std::string text;
  for (std::istreambuf_iterator<char> next{stream}, end; next != end; ++next) {
    if (text.size() >= file_size_max) return failed("is larger than 64 MiB");
    text.push_back(*next);
  }
  if (stream.bad()) return failed("cannot be read");

  auto const folder = std::filesystem::absolute(file, reason).parent_path().string();
  return parse_configuration(text, folder, around);
}

}  // namespace wixtokend::daemon
