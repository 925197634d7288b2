#pragma once
// Fault scripts: which requests are not answered as usual, how often, and how instead.

#include "base/error.hpp"
#include "base/instance_id.hpp"
#include "base/time.hpp"
#include "emulator/routes.hpp"

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wixtokend::emulator {

/// What happens to a request that a fault takes.
enum class fault_kind : std::uint8_t {
  pass,   ///< the usual answer, after the delay
  error,  ///< an answer that has nothing to do with the request
  reply,  ///< the usual answer, changed; an error that would be the usual answer stays as it is
  hang,   ///< no answer until the client goes
  reset,  ///< part of the usual answer, then a TCP reset
  close,  ///< part of the usual answer, then the end of the connection
};

/// How the body of an `error` is made up; see replies.hpp.
enum class error_shape : std::uint8_t { rfc, wix, validation, legacy, empty, html, raw };

/// Which requests a fault takes; what is unset takes all.
struct fault_match {
  std::bitset<route_count> routes = std::bitset<route_count>{}.set();
  std::optional<std::string> app_id;  ///< a GUID in lower case
  std::optional<instance_id> instance;
};

/// One line of the script. Which members count depends on the kind.
struct fault {
  fault_match match;
  std::optional<std::uint64_t> times;  ///< at least 1; unset: until it is cleared
  duration delay{};                    ///< before the answer, or before hanging and cutting
  fault_kind kind = fault_kind::pass;

  // error, and status and content type of reply
  std::optional<unsigned> status;
  std::optional<std::string> content_type;
  std::optional<std::string> retry_after;  ///< as it stands in the header
  error_shape shape = error_shape::rfc;
  std::string code;
  std::string message;
  std::string body;

  // reply
  std::vector<std::pair<std::string, std::string>> set;  ///< member and its JSON text
  std::vector<std::string> remove;                       ///< members
  bool same_token = false;      ///< the bytes of the instance's last token again
  bool other_instance = false;  ///< a token that names another instance
  std::optional<std::size_t> token_size;

  // reset, close
  std::optional<std::size_t> after_bytes;  ///< unset: the head and half of the body
};

/// What a request names, as far as the emulator could tell.
struct fault_subject {
  route where = route::other;
  std::string_view app_id;  ///< empty: none
  std::optional<instance_id> instance;
};

[[nodiscard]] bool matches(fault_match const& which, fault_subject const& request) noexcept;

/// The script: the first fault in it that matches takes the request. Not synchronised.
class fault_script {
 public:
  static constexpr std::size_t faults_max = 10'000;

  struct entry {
    std::uint64_t id = 0;
    std::shared_ptr<fault const> what;
    std::optional<std::uint64_t> left;  ///< unset: for ever
    std::uint64_t taken = 0;
  };

  /// Appends. @returns the fault's id, or `too_many_requests` if the script is full.
  result<std::uint64_t> add(fault what);

  /// The fault that takes this request, counted down; it leaves the script after its last time.
  /// Null if none does.
  std::shared_ptr<fault const> take(fault_subject const& request);

  /// False if there is none of that id.
  bool remove(std::uint64_t id);
  void clear() { entries_.clear(); }

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::list<entry> const& entries() const noexcept { return entries_; }

 private:
  std::list<entry> entries_;
  std::uint64_t next_id_ = 1;
};

}  // namespace wixtokend::emulator
