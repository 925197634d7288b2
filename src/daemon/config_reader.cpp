#include "daemon/config_reader.hpp"

#include "base/text.hpp"
#include "daemon/config_keys.hpp"
#include "daemon/suggestion.hpp"

#include <algorithm>
#include <array>

namespace wixtokend::daemon {
namespace {

constexpr std::array<std::string_view, 10> table_names{
    "log", "app", "socket", "access", "store", "audit", "limits", "api", "metrics", "process"};

std::string joined(std::string_view table, std::string_view key) {
  std::string out{table};
  out += '.';
  out += key;
  return out;
}

// A key that is not ours may be anything, so it is quoted where it is not a plain word.
std::string printable(std::string_view key) {
  bool const plain = !key.empty() && key.size() <= 64 && std::ranges::all_of(key, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
  return plain ? std::string{key} : quoted(key, 64);
}

std::string unknown_key_text(std::string_view key, std::vector<std::string_view> const& known) {
  constexpr std::array<std::string_view, 4> secrets{"app_secret", "client_secret", "secret",
                                                    "app_secret_key"};
  if (std::ranges::find(secrets, key) != secrets.end()) {
    return "secrets do not stand in this file: put the secret into a file of its own (chmod 0600) "
           "and name that file in app_secret_file, or pass it as the systemd credential app_secret";
  }
  if (auto const near = closest(key, known); !near.empty()) {
    return "there is no such key; did you mean \"" + std::string{near} + "\"?";
  }
  std::string out = "there is no such key; there are: ";
  for (auto const one : known) {
    if (one != known.front()) out += ", ";
    out += one;
  }
  return out;
}

// Which of the tables: its name, and its place among several of that name.
struct table_place {
  std::string_view name;
  std::size_t index = 0;
};

template <class Settings>
void read_keys(table_place which, config_table const& table,
               std::vector<config_key<Settings>> const& keys, Settings& into,
               config_reading& state) {
  for (auto const& entry : table) {
    auto const path = joined(which.name, printable(entry.key));
    auto const key = std::ranges::find(keys, entry.key, &config_key<Settings>::name);
    key_problems problems{path, state.problems};
    if (key != keys.end()) {
      state.places.add(which.name, which.index, key->name, entry.value.where);
      key->read(entry.value, into, problems);
      continue;
    }
    std::vector<std::string_view> known(keys.size());
    std::ranges::transform(keys, known.begin(), &config_key<Settings>::name);
    problems.add(entry.where, unknown_key_text(entry.key, known));
  }
  for (auto const& key : keys) {
    bool const absent = std::ranges::find(table, key.name, &config_entry::key) == table.end();
    if (!key.required || !absent) continue;
    state.problems.push_back({state.places.find(which.name, which.index, {}),
                              joined(which.name, key.name), "is missing: it must be " + key.type});
  }
}

template <class Settings>
void read_single(config_entry const& entry, std::vector<config_key<Settings>> const& keys,
                 Settings& into, config_reading& state) {
  auto const* const table = std::get_if<config_table>(&entry.value.data);
  if (table == nullptr) {
    state.problems.push_back(
        {entry.where, entry.key, "must be one table: [" + entry.key + "] in single brackets"});
    return;
  }
  state.places.add(entry.key, 0, {}, entry.value.where);
  read_keys(table_place{entry.key}, *table, keys, into, state);
}

template <class Settings>
void read_several(config_entry const& entry, std::vector<config_key<Settings>> const& keys,
                  std::vector<Settings>& into, config_reading& state) {
  auto const* const list = std::get_if<config_list>(&entry.value.data);
  bool const good = list != nullptr && !list->empty() &&
                    std::ranges::all_of(*list, [](config_value const& element) {
                      return std::holds_alternative<config_table>(element.data);
                    });
  if (!good) {
    state.problems.push_back({entry.where, entry.key,
                              "may stand several times, and is therefore written [[" + entry.key +
                                  "]] in double brackets"});
    return;
  }
  for (auto const& element : *list) {
    auto const index = into.size();
    state.places.add(entry.key, index, {}, element.where);
    Settings one;
    read_keys(table_place{entry.key, index}, std::get<config_table>(element.data), keys, one,
              state);
    into.push_back(std::move(one));
  }
}

void read_entry(config_entry const& entry, config_reading& state) {
  auto& settings = state.settings;
  if (entry.key == "log") return read_single(entry, log_keys(), settings.log, state);
  if (entry.key == "app") return read_several(entry, app_keys(), settings.apps, state);
  if (entry.key == "socket") return read_several(entry, socket_keys(), settings.sockets, state);
  if (entry.key == "access") return read_several(entry, access_keys(), settings.access, state);
  if (entry.key == "store") return read_single(entry, store_keys(), settings.store, state);
  if (entry.key == "audit") return read_single(entry, audit_keys(), settings.audit, state);
  if (entry.key == "limits") return read_single(entry, limit_keys(), settings.limits, state);
  if (entry.key == "api") return read_single(entry, api_keys(), settings.api, state);
  if (entry.key == "metrics") return read_single(entry, metrics_keys(), settings.metrics, state);
  if (entry.key == "process") return read_single(entry, process_keys(), settings.process, state);

  bool const is_table = std::holds_alternative<config_table>(entry.value.data) ||
                        std::holds_alternative<config_list>(entry.value.data);
  if (is_table) {
    auto const near = closest(entry.key, table_names);
    state.problems.push_back(
        {entry.where, printable(entry.key),
         near.empty()
             ? "there is no such table; there are: log, app, socket, access, store, audit, limits, "
               "api, metrics, process"
             : "there is no such table; did you mean \"" + std::string{near} + "\"?"});
    return;
  }
  for (auto const& key : declared_keys()) {
    auto const dot = key.path.find('.');
    if (key.path.substr(dot + 1) != entry.key) continue;
    state.problems.push_back({entry.where, printable(entry.key),
                              "stands outside of a table; did you mean \"" + key.path + "\"?"});
    return;
  }
  state.problems.push_back(
      {entry.where, printable(entry.key), unknown_key_text(entry.key, {"log", "limits", "api"})});
}

}  // namespace

void config_places::add(std::string_view table, std::size_t index, std::string_view key,
                        config_position where) {
  places_[joined(table, std::to_string(index)) + '.' + std::string{key}] = where;
}

config_position config_places::find(std::string_view table, std::size_t index,
                                    std::string_view key) const {
  auto const of_table = joined(table, std::to_string(index)) + '.';
  auto found = places_.find(of_table + std::string{key});
  if (found == places_.end()) found = places_.find(of_table);
  return found == places_.end() ? config_position{} : found->second;
}

config_reading read_document(config_table const& root) {
  config_reading state;
  for (auto const& entry : root) read_entry(entry, state);

  bool const has_app = std::ranges::find(root, "app", &config_entry::key) != root.end();
  if (!has_app) {
    state.problems.push_back({{}, "app", "is missing: at least one [[app]] is needed"});
  }
  if (state.settings.sockets.empty()) state.settings.sockets.emplace_back();
  sort_by_position(state.problems);
  return state;
}

}  // namespace wixtokend::daemon
