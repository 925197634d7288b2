#include "base/error.hpp"

namespace wixtokend {
namespace {

char const* text(errc value) noexcept {
  switch (value) {
    case errc::timed_out: return "no answer in time";
    case errc::connection_closed: return "the connection was closed early";
    case errc::malformed_message: return "the message is not valid HTTP/1.1";
    case errc::header_too_large: return "the header is too large";
    case errc::body_too_large: return "the body is too large";
    case errc::name_not_found: return "the host name could not be resolved";
    case errc::no_address: return "the host name has no usable address";
    case errc::tls_setup: return "a certificate, key or CA file could not be used";
    case errc::invalid_address: return "not a valid address";
    case errc::plain_http_refused:
      return "plain HTTP is allowed to loopback only, and only if configured";
    case errc::proxy_refused: return "the proxy refused the connection";
    case errc::socket_in_use: return "another process listens there";
    case errc::not_a_socket: return "a file that is not a socket is in the way";
    case errc::not_listening: return "it is not a listening Unix stream socket";
    case errc::invalid_instance_id: return "not a GUID";
    case errc::invalid_number: return "not a number in the allowed range";
    case errc::invalid_encoding: return "not validly encoded";
    case errc::invalid_json: return "not JSON of the expected shape";
    case errc::unusable_reply: return "the reply carries no usable token";
    case errc::too_many_requests: return "a local limit is reached";
    case errc::file_unreadable: return "the file is missing, unreadable or too large";
    case errc::unknown_name: return "no such name";
  }
  return "unknown error";
}

class category final : public boost::system::error_category {
 public:
  char const* name() const noexcept override { return "wixtokend"; }
  std::string message(int value) const override { return text(static_cast<errc>(value)); }
};

}  // namespace

boost::system::error_category const& wixtokend_category() noexcept {
  static category const instance;
  return instance;
}

error_code make_error_code(errc value) noexcept {
  return {static_cast<int>(value), wixtokend_category()};
}

std::string describe(std::string const& doing, error_code reason) {
  return doing + ": " + reason.message();
}

}  // namespace wixtokend
