#pragma once
// What an error body says, in either of the upstream's two shapes.

#include <boost/json/fwd.hpp>

#include <string_view>

namespace wixtokend::wix {

/// The parts of an error body, as they came: not yet fit to be shown, since the upstream may echo
/// what was sent to it. They are views into the tree they were read from.
struct error_reply {
  std::string_view code;     ///< of `error`, else of `details.applicationError`, else the last word
                             ///< of `errorDescription` behind ` - `; may be empty
  std::string_view message;  ///< `error_description`, `message` or `errorDescription`; may be empty
  bool has_shape = false;    ///< the token service itself wrote it, not something in between
};

/// Reads a body after docs/upstream.md U-44, U-45 and U-110. A field that is no string, or is
/// empty, is as absent. The body has an error shape if a code or a message is there, or if
/// `details.validationError` is an object.
[[nodiscard]] error_reply read_error(boost::json::object const& body) noexcept;

}  // namespace wixtokend::wix
