#include "daemon/account_names.hpp"

#include "base/text.hpp"

#include <grp.h>
#include <pwd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace wixtokend::daemon {
namespace {

// 2^32-1 is "no id" to the kernel.
constexpr std::uint64_t id_max = UINT32_MAX - 1;

bool is_number(std::string const& name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
}

// Calls one of the reentrant look-ups of pwd.h and grp.h with a buffer that is large enough.
template <class Record, class Lookup>
result<std::uint32_t> look_up(std::string const& name, Lookup lookup, std::uint32_t Record::*id) {
  constexpr std::size_t buffer_size_max = 1024UL * 1024;  // groups list their members
  if (is_number(name)) {
    auto const number = parse_decimal(name, id_max);
    if (!number.has_value()) return errc::unknown_name;
    return static_cast<std::uint32_t>(*number);
  }
  std::vector<char> buffer(1024);
  while (true) {
    Record record{};
    Record* found = nullptr;
    int const reason = lookup(name.c_str(), &record, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return record.*id;
    if (reason == EINTR) continue;
    if (reason == ERANGE && buffer.size() < buffer_size_max) {
      buffer.resize(buffer.size() * 2);
      continue;
    }
    // Systems differ in what they return for "no such name" (getpwnam(3)).
    if (reason == 0 || reason == ENOENT || reason == ESRCH || reason == EPERM) {
      return errc::unknown_name;
    }
    return error_code{reason, boost::system::system_category()};
  }
}

}  // namespace

result<uid_t> find_user(std::string const& name) {
  return look_up<passwd>(name, ::getpwnam_r, &passwd::pw_uid);
}

result<gid_t> find_group(std::string const& name) {
  return look_up<group>(name, ::getgrnam_r, &group::gr_gid);
}

}  // namespace wixtokend::daemon
