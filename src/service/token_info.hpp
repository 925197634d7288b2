#pragma once
// What is known of a token, as a value.

#include <cstdint>
#include <optional>
#include <string>

namespace wixtokend::service {

/// What Token Info says of a token, types normalised.
struct token_info {
  bool active = false;
  std::string subject_type;
  std::string subject_id;
  std::optional<std::int64_t> expires_at;  ///< Unix seconds
  std::optional<std::int64_t> issued_at;   ///< Unix seconds
  std::string client_id;
  std::optional<std::string> account_id;
  std::optional<std::string> site_id;
  std::optional<std::string> instance;
  std::optional<std::string> vendor_product_id;
};

}  // namespace wixtokend::service
