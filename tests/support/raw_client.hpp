#pragma once
// A blocking HTTP client for tests that sends exactly the bytes it is told to.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace wixtokend::test {

/// A response as it came. Header names are lower case.
struct raw_response {
  unsigned status = 0;
  std::map<std::string, std::string> headers;
  std::string body;

  [[nodiscard]] std::string header(std::string const& name) const {
    auto const found = headers.find(name);
    return found == headers.end() ? std::string{} : found->second;
  }
};

/// One connection. Every wait has a limit; what does not come in time throws.
class raw_client {
 public:
  static raw_client unix_socket(std::string const& path);
  static raw_client tcp(std::uint16_t port);
  raw_client(raw_client&& other) noexcept;
  raw_client(raw_client const&) = delete;
  raw_client& operator=(raw_client&& other) noexcept;
  raw_client& operator=(raw_client const&) = delete;
  ~raw_client();

  /// Sends bytes. @returns false if the other side has closed meanwhile.
  bool send(std::string_view bytes);
  /// Sends what there is room for, without waiting. @returns how much; nothing if the other side
  /// has closed meanwhile.
  std::optional<std::size_t> send_some(std::string_view bytes) const;
  /// Whether the other side has taken off everything that was sent (Unix sockets only).
  [[nodiscard]] bool taken() const;
  /// No more bytes will come from here.
  void finish_sending() const;

  /// Reads one response. Throws `std::runtime_error` if it does not come whole within the limit.
  raw_response receive(std::chrono::milliseconds limit = std::chrono::seconds{20},
                       bool head_only = false);

  /// Sends a request with a `Host` header and receives its response.
  raw_response request(std::string const& method, std::string const& target,
                       std::string const& body = {}, std::string const& extra_headers = {},
                       std::chrono::milliseconds limit = std::chrono::seconds{70});

  /// All that comes until the other side closes. Throws if it does not within the limit.
  std::string receive_all(std::chrono::milliseconds limit = std::chrono::seconds{20});

  /// True if the other side closes within the limit; what it sends before is thrown away.
  bool closed_within(std::chrono::milliseconds limit);

 private:
  explicit raw_client(int descriptor) : descriptor_{descriptor} {}
  bool read_more(std::chrono::steady_clock::time_point end);

  int descriptor_;
  std::string pending_;
};

}  // namespace wixtokend::test
