#pragma once
// Throw-away authorities and server certificates.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace wixtokend::test {

/// What a server needs, as PEM texts.
struct server_identity {
  std::string certificate_pem;
  std::string key_pem;
};

/// What a certificate says.
struct certificate_content {
  std::vector<std::string> names{"localhost"};
  std::vector<std::string> addresses{"127.0.0.1"};
  std::chrono::seconds valid_from{-3600};  ///< from now
  std::chrono::seconds valid_until{3600};  ///< from now
};

/// A self-signed authority with a key of its own. Throws if OpenSSL fails.
class certificate_authority {
 public:
  explicit certificate_authority(std::string const& name);
  ~certificate_authority();

  /// The authority's own certificate, for a `ca_file`.
  [[nodiscard]] std::string pem() const;

  [[nodiscard]] server_identity issue(certificate_content const& content) const;

 private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

}  // namespace wixtokend::test
