#pragma once
// Whether a server is reached through a proxy: the rules of HTTPS_PROXY and NO_PROXY.

#include "base/error.hpp"
#include "net/origin.hpp"

#include <optional>
#include <string_view>

namespace wixtokend::net {

/// Decides through which proxy an https server is reached; a plain-http or loopback one never is.
///
/// @param proxy     `http://host[:port]` or `host[:port]`, port 80 unless given; empty: none. The
///                  connection to the proxy itself is plain (TLS runs end to end inside of it), and
///                  user names in the URL are not supported.
/// @param no_proxy  Servers to reach directly, separated by commas or blanks: `*` (all); a name (it
///                  and all names below it); `.name` or `*.name` (those below it only); an address;
///                  a network as `address/bits`. `:port` behind a name or address limits it to that
///                  port. Entries of another form match nothing.
/// @returns the proxy, or nothing for a direct connection; `invalid_address` if `proxy` has another
///          form, and matters.
/// Source: there is no standard; this is what Go's net/http documents, and what curl agrees with
/// but for the leading dot, which it ignores.
[[nodiscard]] result<std::optional<origin>> choose_proxy(origin const& server,
                                                         std::string_view proxy,
                                                         std::string_view no_proxy);

}  // namespace wixtokend::net
