#pragma once
// The real daemon on a store of its own, with what it costs; for the benchmarks of the store.

#include "base/time.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/temporary_folder.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::bench {

inline constexpr std::string_view app_id = "11111111-1111-4111-8111-111111111111";

/// The instance of that number as text: 36 characters. Numbers in a row lie all over the table.
std::string id_text(std::uint64_t number);

/// Throws: a benchmark that measures something else than it says is worth nothing.
[[noreturn]] void wrong(std::string const& what);

/// The numbers of instances that the command line lists; these if it lists none.
std::vector<std::size_t> sizes_from(int count, char** arguments,
                                    std::vector<std::size_t> otherwise);

double seconds_of(std::function<void()> const& work);
double median_of(std::size_t rounds, std::function<double()> const& round);

/// The number that follows `"name":` in a JSON text. Throws if there is none.
std::uint64_t number_in(std::string_view json, std::string_view name);

/// Prints figures in columns, one for each number of instances.
class figures {
 public:
  explicit figures(std::vector<std::size_t> sizes);
  /// With the last one over the first, if there is more than one.
  void row(char const* name, std::vector<double> const& values, int decimals = 0) const;
  void ratio(char const* name, std::vector<double> const& ours,
             std::vector<double> const& peer) const;

 private:
  std::size_t columns_;
};

/// Time on a processor, in seconds.
struct processor_time {
  double process = 0;
  double store_thread = 0;
};

/// The emulator on loopback: HTTPS for the daemon, plain HTTP for its control API.
class emulator {
 public:
  explicit emulator(test::temporary_folder const& folder);

  /// Settings of the app that mints there, as TOML.
  [[nodiscard]] std::string app_settings() const;
  /// Requests of any kind that it has seen.
  [[nodiscard]] std::uint64_t requests() const;

 private:
  test::process process_;
  std::string ca_file_;
  std::uint16_t https_port_ = 0;
  std::uint16_t http_port_ = 0;
};

/// One daemon; stopped with SIGTERM, or killed when this goes away.
class store_daemon {
 public:
  /// @param app_settings  TOML for the app.
  /// @param with_store    False: nothing is kept.
  store_daemon(test::temporary_folder const& folder, std::string const& app_settings,
               bool with_store = true);

  /// The store's file and the text of its key, also before a daemon was started.
  static std::string file(test::temporary_folder const& folder) { return folder.path("state.db"); }
  static std::string key();

  /// From exec until `/readyz` says 200.
  [[nodiscard]] double start_seconds() const noexcept { return start_seconds_; }
  [[nodiscard]] test::raw_client connect() const;
  [[nodiscard]] std::uint64_t resident_bytes() const;
  [[nodiscard]] processor_time used() const;
  void stop();

  /// Registers instances by one `POST /v1/instances`. Throws if one of them was known.
  void register_in_bulk(std::uint64_t first, std::size_t count) const;

 private:
  std::string socket_;
  std::unique_ptr<test::process> process_;
  double start_seconds_ = 0;
};

/// Makes the store of a daemon that has minted a token of 1,200 bytes, good for four hours, for
/// each instance; through the store itself. @returns how long that took, in seconds.
double fill_store(test::temporary_folder const& folder, std::size_t instances,
                  duration until_refresh);

}  // namespace wixtokend::bench
