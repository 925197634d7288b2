#pragma once
// Reads JSON objects that the daemon wrote. Only `src/client` includes this.

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wixtoken::detail {

/// Reads JSON; unset if it is not an object. All memory of it is wiped when it is given back.
[[nodiscard]] std::optional<boost::json::object> parse_object(std::string_view text);

/// Reads members of an object. `need_…` notes what is missing or of another type; the others give a
/// default then.
class object_reader {
 public:
  explicit object_reader(boost::json::object const& from) noexcept : from_{from} {}

  [[nodiscard]] std::string_view need_text(std::string_view name);
  [[nodiscard]] std::uint64_t need_count(std::string_view name);

  [[nodiscard]] std::string text(std::string_view name) const;
  [[nodiscard]] std::uint64_t count(std::string_view name) const noexcept;
  [[nodiscard]] unsigned status(std::string_view name) const noexcept;
  [[nodiscard]] double figure(std::string_view name) const noexcept;
  [[nodiscard]] bool flag(std::string_view name) const noexcept;
  /// A whole number, maybe negative; unset: absent, null, or none.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const noexcept;
  [[nodiscard]] boost::json::object const* object(std::string_view name) const noexcept;
  [[nodiscard]] boost::json::array const* array(std::string_view name) const noexcept;

  /// The first needed member that was not there; empty: none.
  [[nodiscard]] std::string const& missing() const noexcept { return missing_; }

 private:
  void miss(std::string_view name);

  boost::json::object const& from_;
  std::string missing_;
};

}  // namespace wixtoken::detail
