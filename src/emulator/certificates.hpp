#pragma once
// A throw-away certificate authority and a server certificate, made at start.

#include "base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::emulator {

/// What a client is to find wrong with the server's certificate.
enum class certificate_flaw : std::uint8_t {
  none,
  wrong_host,  ///< names `wrong.example` only
  expired,     ///< was valid until an hour ago
  untrusted,   ///< issued by another authority than the one that is given out
};

/// PEM texts. The keys of the authorities are forgotten at once.
struct certificates {
  std::string authority;  ///< what clients are to trust
  std::string server;     ///< for `www.wixapis.com`, `localhost`, 127.0.0.1 and ::1
  std::string key;        ///< the server's private key
};

/// Makes both with new P-256 keys, valid from an hour before `now` for 30 days.
/// Throws `std::runtime_error` if OpenSSL fails.
[[nodiscard]] certificates make_certificates(certificate_flaw flaw, wall_time now);

/// Reads `good`, `wrong-host`, `expired`, `untrusted`.
[[nodiscard]] std::optional<certificate_flaw> certificate_named(std::string_view name) noexcept;

}  // namespace wixtokend::emulator
