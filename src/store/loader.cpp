#include "store/loader.hpp"

#include "store/schema.hpp"
#include "store/store_error.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace wixtokend::store {
namespace {

constexpr std::size_t guid_size = 16;

std::string_view bytes_of(instance_id const& id) noexcept {
  return {reinterpret_cast<char const*>(id.bytes().data()), guid_size};
}

// The GUID of 16 bytes.
std::optional<instance_id> id_of(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  if (bytes.size() != guid_size) return std::nullopt;
  std::string text;
  for (std::size_t at = 0; at < guid_size; ++at) {
    if (at == 4 || at == 6 || at == 8 || at == 10) text += '-';
    auto const byte = static_cast<std::uint8_t>(bytes[at]);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  auto const parsed = instance_id::parse(text);
  if (!parsed.has_value()) return std::nullopt;
  return *parsed;
}

unsound damaged_row(std::string_view table, statement const& row, error_code reason) {
  auto const name = " row " + std::to_string(row.number(0)) + " of table " + std::string{table};
  if (reason == errc::unknown_key) {
    return {"is damaged:" + name + " names a key that the store does not list",
            "restore the store from a backup"};
  }
  if (reason == errc::seal_failed) {
    return {"could not be read: OpenSSL refused to open" + name, "look for a shortage of memory"};
  }
  return {"is damaged:" + name + " is not what was sealed (" + reason.message() + ")",
          "restore the store from a backup"};
}

// The name, `id` first and `sealed` last.
std::string select(std::string_view table, std::string_view columns) {
  return std::string{"SELECT id, "}.append(columns).append(" FROM ").append(table) + " ORDER BY id";
}

}  // namespace

loader::loader(database& in, key_ring const& keys, load_request request)
    : in_{in}, keys_{keys}, opener_{keys}, request_{std::move(request)} {
  for (std::size_t i = 0; i < request_.apps.size(); ++i) {
    numbers_.emplace(bytes_of(request_.apps[i]), static_cast<app_number>(i));
  }
}

result<secret> loader::open(std::string_view table, statement const& row, int sealed) {
  row_identity identity{table};
  for (int at = 1; at < sealed; ++at) identity.add_column(row, at);
  return opener_.open(row.blob(sealed), identity.bytes());
}

bool loader::is_configured(std::string_view app, app_number& number) const {
  auto const found = numbers_.find(app);
  if (found == numbers_.end()) return false;
  number = found->second;
  return true;
}

std::optional<unsound> loader::each(std::string_view table, std::string_view columns,
                                    int identities, row_reader const& read) {
  auto found = in_.prepare(select(table, columns));
  if (!found.has_value()) return unreadable(found.error());
  for (;;) {
    auto const row = found->step();
    if (!row.has_value()) return unreadable(row.error());
    if (!*row) return std::nullopt;
    auto content = open(table, *found, 1 + identities);
    if (!content.has_value()) return damaged_row(table, *found, content.error());
    if (auto wrong = read(*found, std::move(*content))) return wrong;
  }
}

std::optional<unsound> loader::read_keys(load_result& into) {
  // First which keys are needed, then whether they are the right ones.
  auto listed = in_.prepare("SELECT key_id FROM keys ORDER BY id");
  if (!listed.has_value()) return unreadable(listed.error());
  std::string missing;
  for (;;) {
    auto const row = listed->step();
    if (!row.has_value()) return unreadable(row.error());
    if (!*row) break;
    key_id id{};
    auto const bytes = listed->blob(0);
    if (bytes.size() != id.size()) return unreadable(errc::bad_record);
    std::memcpy(id.data(), bytes.data(), id.size());
    into.keys.push_back(id);
    if (keys_.find(id) == nullptr) missing += (missing.empty() ? "" : ", ") + to_string(id);
  }
  if (!missing.empty()) {
    std::string given;
    for (auto const& key : keys_.all()) given += (given.empty() ? "" : ", ") + to_string(key.id);
    return unsound{"has rows sealed with key " + missing + ", and the key file has only " + given,
                   "add the line of that key to the key file, below the key that is to be used"};
  }
  if (into.keys.empty()) {
    return unsound{"is damaged: it lists no key", "restore it from a backup"};
  }
  return each("keys", "key_id, sealed", 1,
              [](statement const& row, secret const& content) -> std::optional<unsound> {
                if (content.empty()) return std::nullopt;
                return damaged_row("keys", row, errc::bad_record);
              });
}

std::optional<unsound> loader::read_meta(load_result& into) {
  bool found = false;
  auto wrong = each("meta", "sealed", 0,
                    [&](statement const& row, secret const& content) -> std::optional<unsound> {
                      auto meta = decode_meta(content.reveal());
                      if (!meta.has_value()) return damaged_row("meta", row, meta.error());
                      into.meta = std::move(*meta);
                      found = true;
                      return std::nullopt;
                    });
  if (!wrong && !found) {
    wrong = unsound{"is damaged: table meta is empty", "restore it from a backup"};
  }
  return wrong;
}

std::optional<unsound> loader::read_runs(load_result& into) {
  std::map<std::int64_t, run_stamp> runs;
  auto wrong = each("runs", "number, sealed", 1,
                    [&](statement const& row, secret const& content) -> std::optional<unsound> {
                      auto stamp = decode_run(content.reveal());
                      if (!stamp.has_value()) return damaged_row("runs", row, stamp.error());
                      into.last_run = std::max(into.last_run, row.number(1));
                      runs.emplace(row.number(1), std::move(*stamp));
                      return std::nullopt;
                    });
  clocks_.emplace(runs, request_.at, request_.boot_id);
  return wrong;
}

std::optional<unsound> loader::read_apps(load_result& into) {
  return each("apps", "app, sealed", 1,
              [&](statement const& row, secret const& content) -> std::optional<unsound> {
                app_number number{};
                bool const configured = is_configured(row.blob(1), number);
                auto app = decode_app(content.reveal(), number, *clocks_);
                if (!app.has_value()) return damaged_row("apps", row, app.error());
                ++into.app_rows;
                if (configured) {
                  into.apps.push_back(std::move(*app));
                } else {
                  ++into.foreign_rows;
                }
                return std::nullopt;
              });
}

std::optional<unsound> loader::read_retained(load_result& into) {
  return each("retained", "app, instance, removed_at, sealed", 3,
              [&](statement const&, secret const&) -> std::optional<unsound> {
                ++into.retained;
                return std::nullopt;
              });
}

// Columns: id, app, instance, sealed; then those of the grant, NULL if there is none.
std::optional<unsound> loader::read_instance(statement const& row, load_result& into,
                                             visitor const& visit) {
  static constexpr std::string_view table = "instances";
  auto const content = open(table, row, 3);
  if (!content.has_value()) return damaged_row(table, row, content.error());
  instance_key key;
  bool const configured = is_configured(row.blob(1), key.app);
  auto const id = id_of(row.blob(2));
  if (!id) return damaged_row(table, row, errc::bad_record);
  key.instance = *id;
  auto instance = decode_instance(content->reveal(), key, *clocks_);
  if (!instance.has_value()) return damaged_row(table, row, instance.error());

  service::loaded_instance loaded;
  loaded.instance = std::move(*instance);
  if (row.is_blob(4)) {
    row_identity identity{"grants"};
    identity.add_column(row, 1).add_column(row, 2);
    auto const kept = opener_.open(row.blob(4), identity.bytes());
    if (!kept.has_value()) return damaged_row("grants (by instance)", row, kept.error());
    auto granted = decode_grant(kept->reveal(), *clocks_);
    if (!granted.has_value()) return damaged_row("grants (by instance)", row, granted.error());
    loaded.grant = std::move(*granted);
  }
  if (!configured) ++into.foreign_rows;
  visit(std::move(loaded), configured);
  return std::nullopt;
}

std::optional<unsound> loader::read_instances(load_result& into, visitor const& visit) {
  auto const orphans = in_.number(
      "SELECT count(*) FROM grants g WHERE NOT EXISTS"
      " (SELECT 1 FROM instances i WHERE i.app = g.app AND i.instance = g.instance)");
  if (!orphans.has_value()) return unreadable(orphans.error());
  if (*orphans != 0) {
    return unsound{"is damaged: there are grants without their instance",
                   "restore it from a backup"};
  }
  auto found = in_.prepare(
      "SELECT i.id, i.app, i.instance, i.sealed, g.sealed FROM instances i"
      " LEFT JOIN grants g ON g.app = i.app AND g.instance = i.instance ORDER BY i.id");
  if (!found.has_value()) return unreadable(found.error());
  for (;;) {
    auto const row = found->step();
    if (!row.has_value()) return unreadable(row.error());
    if (!*row) return std::nullopt;
    if (auto wrong = read_instance(*found, into, visit)) return wrong;
  }
}

std::optional<unsound> loader::load(load_result& into, visitor const& visit) {
  if (auto wrong = read_keys(into)) return wrong;
  if (auto wrong = read_meta(into)) return wrong;
  if (auto wrong = read_runs(into)) return wrong;
  if (auto wrong = read_apps(into)) return wrong;
  if (auto wrong = read_retained(into)) return wrong;
  return read_instances(into, visit);
}

}  // namespace wixtokend::store
