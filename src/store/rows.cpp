#include "store/rows.hpp"

#include "store/row_identity.hpp"
#include "store/schema.hpp"
#include "store/store_error.hpp"

#include <string>

namespace wixtokend::store {
namespace {

// As `row_kind` orders them.
constexpr std::array<std::string_view, 7> put_texts{
    "INSERT INTO meta (id, sealed) VALUES (1, ?)"
    " ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed",
    "INSERT INTO keys (key_id, sealed) VALUES (?, ?)"
    " ON CONFLICT (key_id) DO UPDATE SET sealed = excluded.sealed",
    "INSERT INTO runs (number, sealed) VALUES (?, ?)"
    " ON CONFLICT (number) DO UPDATE SET sealed = excluded.sealed",
    "INSERT INTO apps (app, sealed) VALUES (?, ?)"
    " ON CONFLICT (app) DO UPDATE SET sealed = excluded.sealed",
    "INSERT INTO instances (app, instance, sealed) VALUES (?, ?, ?)"
    " ON CONFLICT (app, instance) DO UPDATE SET sealed = excluded.sealed",
    "INSERT INTO grants (app, instance, sealed) VALUES (?, ?, ?)"
    " ON CONFLICT (app, instance) DO UPDATE SET sealed = excluded.sealed",
    "INSERT INTO retained (app, instance, removed_at, sealed) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (app, instance) DO UPDATE"
    " SET removed_at = excluded.removed_at, sealed = excluded.sealed"};

std::size_t place_of(row_kind kind) noexcept {
  return static_cast<std::size_t>(kind);
}

// Back to its start on every way out: a statement that is not reset holds its transaction open.
class resetting {
 public:
  explicit resetting(statement& which) noexcept : which_{which} {}
  resetting(resetting const&) = delete;
  resetting& operator=(resetting const&) = delete;
  ~resetting() { which_.reset(); }

 private:
  statement& which_;
};

}  // namespace

result<statement*> rows::ready(statement& into, std::string_view sql) {
  if (!into.prepared()) {
    auto made = in_.prepare(sql);
    if (!made.has_value()) return made.error();
    into = std::move(*made);
  }
  return &into;
}

error_code rows::put(row_kind kind, columns const& key, secret const& content) {
  auto const place = place_of(kind);
  auto const with = ready(puts_.at(place), put_texts.at(place));
  if (!with.has_value()) return with.error();
  row_identity identity{sealed_tables.at(place)};
  for (auto const& one : key) std::visit([&](auto const& value) { identity.add(value); }, one);
  auto const sealed = sealer_.seal(content, identity.bytes());
  if (!sealed.has_value()) return sealed.error();
  resetting const reset{**with};
  for (auto const& one : key) std::visit([&](auto const& value) { (*with)->bind(value); }, one);
  (*with)->bind(*sealed);
  return (*with)->run();
}

// Whether the statement changed a row.
result<bool> rows::change(statement& with) {
  if (auto const failed = with.run()) return unanswered(failed);
  auto const count = ready(changes_, "SELECT changes()");
  if (!count.has_value()) return unanswered(count.error());
  resetting const reset{**count};
  auto const row = (*count)->step();
  if (!row.has_value()) return unanswered(row.error());
  return (*count)->number(0) > 0;
}

result<bool> rows::remove(row_kind kind, std::string_view app, std::string_view instance) {
  auto const place = place_of(kind);
  auto const sql = std::string{"DELETE FROM "}.append(sealed_tables.at(place)) +
                   " WHERE app = ? AND instance = ?";
  auto const with = ready(removes_.at(place), sql);
  if (!with.has_value()) return unanswered(with.error());
  resetting const reset{**with};
  (*with)->bind(app).bind(instance);
  return change(**with);
}

result<std::optional<secret>> rows::find(row_kind kind, std::string_view app,
                                         std::string_view instance) {
  auto const place = place_of(kind);
  auto const removed_at = std::string{kind == row_kind::retained ? "removed_at, " : ""};
  auto const sql = "SELECT app, instance, " + removed_at + "sealed FROM " +
                   std::string{sealed_tables.at(place)} + " WHERE app = ? AND instance = ?";
  auto const with = ready(finds_.at(place), sql);
  if (!with.has_value()) return with.error();
  resetting const reset{**with};
  (*with)->bind(app).bind(instance);
  auto const row = (*with)->step();
  if (!row.has_value()) return row.error();
  if (!*row) return std::optional<secret>{};

  int const last = kind == row_kind::retained ? 3 : 2;
  row_identity identity{sealed_tables.at(place)};
  for (int at = 0; at < last; ++at) identity.add_column(**with, at);
  auto content = opener_.open((*with)->blob(last), identity.bytes());
  if (!content.has_value()) return content.error();
  return std::optional<secret>{std::move(*content)};
}

result<bool> rows::purge_retained(std::int64_t removed_before) {
  auto const with = ready(purge_, "DELETE FROM retained WHERE removed_at < ?");
  if (!with.has_value()) return unanswered(with.error());
  resetting const reset{**with};
  (*with)->bind(removed_before);
  return change(**with);
}

}  // namespace wixtokend::store
