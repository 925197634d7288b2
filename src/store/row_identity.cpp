#include "store/row_identity.hpp"

namespace wixtokend::store {

row_identity::row_identity(std::string_view table) : bytes_{table} {
  bytes_ += '\0';
}

void row_identity::add_number(std::uint64_t value) {
  for (int i = 0; i < 8; ++i, value >>= 8U) bytes_ += static_cast<char>(value & 0xffU);
}

row_identity& row_identity::add(std::int64_t value) {
  bytes_ += 'n';
  add_number(static_cast<std::uint64_t>(value));
  return *this;
}

row_identity& row_identity::add(std::string_view blob) {
  bytes_ += 'b';
  add_number(blob.size());
  bytes_ += blob;
  return *this;
}

row_identity& row_identity::add_column(statement const& row, int column) {
  if (row.is_number(column)) return add(row.number(column));
  if (row.is_blob(column)) return add(row.blob(column));
  bytes_ += '?';
  return *this;
}

}  // namespace wixtokend::store
