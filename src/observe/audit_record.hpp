#pragma once
// One hand-out of a token, as the audit log tells it, and what takes such records.

#include "base/error.hpp"
#include "base/instance_id.hpp"
#include "base/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::observe {

/// Who got which token, and how. Of fixed size and without memory of its own, so that making,
/// keeping and copying one allocates nothing.
struct audit_record {
  static constexpr std::size_t request_id_size_max = 128;

  wall_time at{};
  std::string_view method{};  ///< of static storage, as is `path`
  std::string_view path{};    ///< of the call, with placeholders
  instance_key key{};
  std::uint64_t generation = 0;
  std::uint64_t token_digest = 0;  ///< never the token: the first 64 bits of its SHA-256
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::int32_t pid = 0;
  std::uint16_t socket = 0;  ///< its place in the configuration
  std::uint8_t request_id_size = 0;
  std::array<char, request_id_size_max> request_id{};

  /// What is longer than an id may be is cut.
  void name_request(std::string_view id) noexcept;
};

/// The names of what a record has the numbers of.
struct audit_names {
  std::vector<std::string> apps;
  std::vector<std::string> sockets;
};

/// Appends the record as a JSON object (RFC 8259) on a line of its own, at most
/// `audit_line_size_max` bytes if the names have no more than 32.
void append_line(std::string& out, audit_record const& record, audit_names const& names);
inline constexpr std::size_t audit_line_size_max = 1280;

/// Hand-outs that are missing in the log.
struct audit_gap {
  std::uint64_t lost = 0;
  wall_time from{};
  wall_time until{};
};

/// The same for a gap.
void append_line(std::string& out, audit_gap const& gap);

/// How recording goes.
struct audit_state {
  std::uint64_t recorded = 0;  ///< since the start, in the file or about to be
  std::uint64_t lost = 0;      ///< handed out without a record
  std::uint64_t refused = 0;   ///< not handed out for want of a record
  bool refuses = false;        ///< what cannot be recorded is refused, not lost
  error_code failure{};        ///< why the file cannot be written at this time
};

/// Takes the records. Belongs to the loop's thread.
class audit_trail {
 public:
  virtual ~audit_trail() = default;

  /// @returns whether the token may be handed out.
  [[nodiscard]] virtual bool record(audit_record const& what) noexcept = 0;
  [[nodiscard]] virtual audit_state state() const noexcept = 0;
};

}  // namespace wixtokend::observe
