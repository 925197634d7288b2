#pragma once
// HTTP/1.1 messages as plain values, for servers and clients alike.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wixtokend::http {

/// One header field. Names compare without case; a value has no surrounding blanks.
struct field {
  std::string name;
  std::string value;
};

/// The fields of a message, in their order. Credentials among them (`Authorization`) are wiped at
/// the end.
class fields {
 public:
  fields() = default;
  fields(fields const&) = default;
  fields(fields&&) noexcept = default;
  fields& operator=(fields const&) = default;
  fields& operator=(fields&&) noexcept = default;
  ~fields();

  /// Appends; an existing field of that name stays.
  fields& add(std::string name, std::string value);

  /// The first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const noexcept;

  [[nodiscard]] bool contains(std::string_view name) const noexcept {
    return find(name).has_value();
  }
  [[nodiscard]] auto begin() const noexcept { return all_.begin(); }
  [[nodiscard]] auto end() const noexcept { return all_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

 private:
  std::vector<field> all_;
};

/// A request. `target` is as it came: the origin form of RFC 9112 section 3.2.1, undecoded.
struct request {
  std::string method;
  std::string target;
  fields headers;
  std::string body;
  bool keep_alive = true;
  bool takes_chunks = true;  ///< false: an HTTP/1.0 client, which does not know them
};

/// A response. `Content-Length` and `Connection` are the codec's business, not among `headers`
/// of a response that is to be written.
struct response {
  unsigned status = 200;
  fields headers;
  std::string body;
  bool keep_alive = true;
};

/// The standard reason phrase; empty for a status that has none.
[[nodiscard]] std::string_view reason_phrase(unsigned status) noexcept;

}  // namespace wixtokend::http
