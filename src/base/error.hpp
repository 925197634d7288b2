#pragma once
// The errors that our functions return as values, and the `result` that carries them.

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

#include <string>

namespace wixtokend {

/// A value or an error code. Cancellation is Asio's exception and never appears here.
template <class T = void>
using result = boost::system::result<T>;

using boost::system::error_code;

/// Failures that a caller may act on. Each value's text (see `error.cpp`) completes the sentence
/// "X failed: …", so that it can stand in a log line or an error body as it is.
enum class errc {
  timed_out = 1,        ///< the deadline of the operation passed
  connection_closed,    ///< the other side closed before the message was whole
  malformed_message,    ///< not HTTP/1.x, or framing that must not be trusted
  header_too_large,     ///< the head of a message exceeds its limit
  body_too_large,       ///< the body of a message exceeds its limit
  name_not_found,       ///< a host name could not be resolved
  no_address,           ///< a host name has no address that can be used
  tls_setup,            ///< a certificate, key or CA file could not be used
  invalid_address,      ///< not a URL, host or path of the form that is needed
  plain_http_refused,   ///< plain HTTP to a host that is not loopback, or not allowed
  proxy_refused,        ///< a proxy did not open a connection
  socket_in_use,        ///< another process listens on that path or port
  not_a_socket,         ///< a file that is not a socket stands at the path
  not_listening,        ///< a descriptor that is not a listening Unix stream socket
  invalid_instance_id,  ///< not a GUID
  invalid_number,       ///< not a number of the form or range that is needed
  invalid_encoding,     ///< not base64url, or not UTF-8
  invalid_json,         ///< not JSON, or not of the shape that is needed
  unusable_reply,       ///< an upstream reply that does not carry a usable token
  too_many_requests,    ///< a local limit is reached
  file_unreadable,      ///< a file is missing, cannot be read, or is too large
  unknown_name,         ///< a user, group or app of that name does not exist
};

/// The category of `errc`; its messages are short English clauses without a full stop.
boost::system::error_category const& wixtokend_category() noexcept;

error_code make_error_code(errc value) noexcept;

/// "while connecting to host:port: connection refused": a place and a reason in one line.
std::string describe(std::string const& doing, error_code reason);

}  // namespace wixtokend

template <>
struct boost::system::is_error_code_enum<wixtokend::errc> : std::true_type {};
