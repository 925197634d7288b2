#include "store/resealing.hpp"

#include "store/row_identity.hpp"
#include "store/schema.hpp"

#include <utility>

namespace wixtokend::store {

// The seals in `keys` are by the keys themselves.
constexpr std::string_view key_table = "keys";

result<std::vector<resealing::row>> resealing::next(database& in, std::string_view table) {
  auto found = in.prepare("SELECT * FROM " + std::string{table} +
                          " WHERE id > ? ORDER BY id LIMIT " + std::to_string(rows_at_once));
  if (!found.has_value()) return found.error();
  found->bind(after_);
  std::vector<row> taken;
  for (;;) {
    auto const more = found->step();
    if (!more.has_value()) return more.error();
    if (!*more) return taken;
    int const last = found->columns() - 1;
    row_identity identity{table};
    for (int at = 1; at < last; ++at) identity.add_column(*found, at);
    row one;
    one.id = found->number(0);
    one.identity = identity.bytes();
    one.sealed = found->blob(last);
    taken.push_back(std::move(one));
  }
}

result<std::uint64_t> resealing::reseal(statement& update, std::vector<row> const& found,
                                        sealer& seals, opener& opens) {
  std::uint64_t count = 0;
  for (auto const& one : found) {
    if (key_id_of(one.sealed) == seals.id()) continue;
    auto const content = opens.open(one.sealed, one.identity);
    if (!content.has_value()) return content.error();
    auto const sealed = seals.seal(*content, one.identity);
    if (!sealed.has_value()) return sealed.error();
    update.bind(*sealed).bind(one.id);
    if (auto const failed = update.run()) return failed;
    ++count;
  }
  return count;
}

error_code resealing::forget_keys(database& in, key_id const& in_use) {
  auto forget = in.prepare("DELETE FROM keys WHERE key_id <> ?");
  if (!forget.has_value()) return forget.error();
  forget->bind(std::string_view{reinterpret_cast<char const*>(in_use.data()), in_use.size()});
  return forget->run();
}

error_code resealing::step(database& in, sealer& seals, opener& opens) {
  if (done_) return {};
  while (table_ < sealed_tables.size() && sealed_tables.at(table_) == key_table) ++table_;
  auto open = transaction::begin(in);
  if (!open.has_value()) return open.error();
  if (table_ == sealed_tables.size()) {
    if (auto const failed = forget_keys(in, seals.id())) return failed;
    if (auto const failed = open->commit()) return failed;
    done_ = true;
    return {};
  }
  auto const table = sealed_tables.at(table_);
  auto const found = next(in, table);
  if (!found.has_value()) return found.error();
  auto update = in.prepare("UPDATE " + std::string{table} + " SET sealed = ? WHERE id = ?");
  if (!update.has_value()) return update.error();
  auto const count = reseal(*update, *found, seals, opens);
  if (!count.has_value()) return count.error();
  if (auto const failed = open->commit()) return failed;
  resealed_ += *count;
  if (found->size() < rows_at_once) {
    ++table_;
    after_ = INT64_MIN;
  } else {
    after_ = found->back().id;
  }
  return {};
}

}  // namespace wixtokend::store
