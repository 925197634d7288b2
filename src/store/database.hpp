#pragma once
// SQLite with owners: a connection and its statements. Errors are codes of `sqlite_category`.

#include "base/error.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace wixtokend::store {

/// One prepared statement. Must not outlive its connection. Blobs are bound without a copy: they
/// must live until the statement was reset or run.
class statement {
 public:
  statement() = default;

  /// Binds from parameter 1 on, in the order of the calls; `reset()` begins anew.
  statement& bind(std::int64_t value);
  statement& bind(std::string_view blob);

  /// @returns true if there is a row, false at the end.
  [[nodiscard]] result<bool> step();

  /// Runs to the end and resets. @returns the first error.
  [[nodiscard]] error_code run();

  void reset() noexcept;

  [[nodiscard]] bool prepared() const noexcept { return handle_ != nullptr; }

  /// Column values of the row that `step` came to, from 0; views live until the next step.
  [[nodiscard]] std::int64_t number(int column) const noexcept;
  [[nodiscard]] std::string_view blob(int column) const noexcept;
  [[nodiscard]] std::string_view text(int column) const noexcept;
  [[nodiscard]] int columns() const noexcept;
  [[nodiscard]] bool is_number(int column) const noexcept;
  [[nodiscard]] bool is_blob(int column) const noexcept;

 private:
  friend class database;
  struct finalizer {
    void operator()(sqlite3_stmt* which) const noexcept;
  };

  std::unique_ptr<sqlite3_stmt, finalizer> handle_;
  int bound_ = 0;
  int failure_ = 0;  // of a bind
};

/// One connection. Used by one thread at a time.
class database {
 public:
  enum class access : std::uint8_t {
    look,    ///< as `write`, but SQLite refuses each statement that writes
    write,   ///< the file must be there
    create,  ///< the file may be missing or empty
  };

  /// @param vfs  The name of a registered VFS; empty: SQLite's default.
  [[nodiscard]] static result<database> open(std::string const& file, access how,
                                             std::string const& vfs = {});

  /// Whether closing the last connection writes the log (WAL) back into the file. On at first,
  /// except with `look`.
  void checkpoint_on_close(bool on) noexcept;

  [[nodiscard]] result<statement> prepare(std::string_view sql);

  /// Runs SQL without parameters and results.
  [[nodiscard]] error_code run(std::string const& sql);

  /// The number in the first column of the first row.
  [[nodiscard]] result<std::int64_t> number(std::string_view sql);

  /// Writes all of the log back, and empties it. `SQLITE_BUSY`, at once, while another
  /// process reads.
  [[nodiscard]] error_code truncate_log();

  /// True outside of a transaction.
  [[nodiscard]] bool idle() const noexcept;

  [[nodiscard]] sqlite3* handle() const noexcept { return handle_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* which) const noexcept;
  };

  std::unique_ptr<sqlite3, closer> handle_;
};

/// A transaction that writes; rolled back when destroyed without `commit`.
class transaction {
 public:
  [[nodiscard]] static result<transaction> begin(database& in);
  transaction(transaction&& other) noexcept : in_{other.in_} { other.in_ = nullptr; }
  transaction& operator=(transaction&&) = delete;
  ~transaction();

  [[nodiscard]] error_code commit();

 private:
  explicit transaction(database& in) noexcept : in_{&in} {}
  database* in_;
};

}  // namespace wixtokend::store
