#include "api/request_bodies.hpp"

#include "api/target.hpp"
#include "base/text.hpp"

#include <boost/json/parser.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <new>
#include <utility>
#include <variant>

namespace wixtokend::api {
namespace {

namespace json = boost::json;

constexpr std::uint64_t generation_max =
    (std::uint64_t{1} << 53U) - 1;                  // exact in every JSON reader
constexpr std::size_t token_bytes_max = 16 * 1024;  // as for upstream replies

// Memory that is wiped when it is given back: parsed bodies hold tokens.
class wiping_resource final : public json::memory_resource {
  // The alignment is left to the default, which suffices: Boost.JSON 1.81 names one when it takes
  // the memory of a key and another when it gives it back.
  void* do_allocate(std::size_t size, std::size_t) override { return ::operator new(size); }
  void do_deallocate(void* bytes, std::size_t size, std::size_t) override {
    wipe(bytes, size);
    ::operator delete(bytes);
  }
  [[nodiscard]] bool do_is_equal(json::memory_resource const& other) const noexcept override {
    return this == &other;
  }
};

// A body that is to be a JSON object, with the memory it lives in.
class parsed_body {
 public:
  explicit parsed_body(std::string_view text) : value_(json::storage_ptr(&memory_)) {
    json::parse_options strict;
    strict.max_depth = 8;
    json::parser parser(json::storage_ptr(&memory_), strict);
    parser.reset(json::storage_ptr(&memory_));
    error_code ec;
    parser.write(text.data(), text.size(), ec);
    if (text.find('\\') != text.npos) wipe_stack();
    if (!ec) value_ = parser.release();
  }
  parsed_body(parsed_body const&) = delete;
  parsed_body& operator=(parsed_body const&) = delete;
  ~parsed_body() { wipe_strings(); }

  [[nodiscard]] json::object const* object() const noexcept { return value_.if_object(); }

 private:
  // Short strings live inside the values, beyond the reach of the resource.
  void wipe_strings() noexcept {
    auto* const top = value_.if_object();
    if (top == nullptr) return;
    for (auto& member : *top) {
      if (auto* const text = member.value().if_string()) wipe(text->data(), text->size());
    }
  }

  wiping_resource memory_;  // outlives the value
  json::value value_;
};

problem bad_body(std::string description) {
  return {.what = fault::invalid_body, .description = std::move(description)};
}

// The first member whose name is not in the list.
std::optional<std::string> unknown_member(json::object const& object,
                                          std::initializer_list<std::string_view> known) {
  for (auto const& member : object) {
    std::string_view const name{member.key().data(), member.key().size()};
    if (std::find(known.begin(), known.end(), name) == known.end()) return quoted(name);
  }
  return std::nullopt;
}

std::optional<std::string_view> text_member(json::object const& object, std::string_view name) {
  auto const* const member = object.if_contains(name);
  auto const* const text = member == nullptr ? nullptr : member->if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view{text->data(), text->size()};
}

std::optional<std::uint64_t> number_member(json::object const& object, std::string_view name) {
  auto const* const member = object.if_contains(name);
  if (member == nullptr) return std::nullopt;
  if (auto const* const number = member->if_int64()) {
    if (*number >= 0) return static_cast<std::uint64_t>(*number);
  }
  return std::nullopt;
}

}  // namespace

checked<rejected_token> read_rejection(std::string_view body) {
  parsed_body const parsed{body};
  auto const* const object = parsed.object();
  if (object == nullptr) return bad_body("The body is not a JSON object.");
  if (auto const name = unknown_member(*object, {"generation", "access_token"})) {
    return bad_body("The body has an unknown member " + *name + ".");
  }
  if (object->size() != 1) {
    return bad_body("The body has to have either generation or access_token.");
  }
  if (object->contains("generation")) {
    auto const generation = number_member(*object, "generation");
    if (!generation || *generation > generation_max) {
      return bad_body("generation is not a whole number from 0 to 9007199254740991.");
    }
    return rejected_token{*generation};
  }
  auto const token = text_member(*object, "access_token");
  if (!token || token->empty() || token->size() > token_bytes_max) {
    return bad_body("access_token is not a string of 1 to 16384 bytes.");
  }
  return rejected_token{secret{*token}};
}

namespace {

struct known_grant {
  std::string_view name;
  core::grant grant;
  std::string_view credential;  // the member that has to come with it
};
constexpr std::array<known_grant, 3> known_grants{{
    {"client_credentials", core::grant::client_credentials, ""},
    {"refresh_token", core::grant::refresh_token, "refresh_token"},
    {"authorization_code", core::grant::authorization_code, "code"},
}};

bool is_printable(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// Reads the members of a registration; `beside` is one that may stand beside them.
checked<service::registration> read_grant(json::object const& object, std::string_view beside) {
  service::registration wanted;
  if (object.size() == (beside.empty() ? 0U : 1U)) return wanted;

  auto const name = text_member(object, "grant");
  auto const* const grant =
      std::find_if(known_grants.begin(), known_grants.end(),
                   [&](known_grant const& one) { return name && one.name == *name; });
  if (grant == known_grants.end()) {
    return bad_body("grant is none of client_credentials, refresh_token, authorization_code.");
  }
  auto const companion = grant->credential.empty() ? "grant" : grant->credential;
  auto const other = beside.empty() ? "grant" : beside;
  if (auto const extra = unknown_member(object, {"grant", companion, other})) {
    return bad_body("The body has a member " + *extra + " that this grant does not know.");
  }
  wanted.how = grant->grant;
  if (grant->credential.empty()) return wanted;

  auto const credential = text_member(object, grant->credential);
  bool const fits = credential && !credential->empty() && credential->size() <= token_bytes_max;
  if (!fits || !is_printable(*credential)) {
    return bad_body(std::string{grant->credential} +
                    " is not a string of 1 to 16384 printable ASCII characters.");
  }
  wanted.credential = secret{*credential};
  return wanted;
}

}  // namespace

checked<service::registration> read_registration(std::string_view body) {
  if (body.empty()) return service::registration{};
  parsed_body const parsed{body};
  auto const* const object = parsed.object();
  if (object == nullptr) return bad_body("The body is not a JSON object.");
  return read_grant(*object, "");
}

checked<bulk_line> read_bulk_line(std::string_view line) {
  parsed_body const parsed{line};
  auto const* const object = parsed.object();
  if (object == nullptr) return bad_body("The line is not a JSON object.");
  auto const text = text_member(*object, "instance_id");
  if (!text) return bad_body("instance_id is missing, or not a string.");
  auto const id = instance_id::parse(*text);
  if (!id.has_value()) return problem{.what = fault::invalid_instance_id};

  auto wanted = read_grant(*object, "instance_id");
  if (!wanted.has_value()) return wanted.error();
  return bulk_line{*id, std::move(*wanted)};
}

namespace {

// One field of the drop-in under both of its names.
struct dropin_field {
  std::string_view snake;
  std::string_view camel;
  std::variant<std::optional<std::string> dropin_request::*,
               std::optional<secret> dropin_request::*>
      into;
};
constexpr std::array<dropin_field, 5> dropin_fields{{
    {"grant_type", "grantType", &dropin_request::grant_type},
    {"client_id", "clientId", &dropin_request::client_id},
    {"instance_id", "instanceId", &dropin_request::instance_id},
    {"refresh_token", "refreshToken", &dropin_request::refresh_token},
    {"token", "token", &dropin_request::token},
}};

dropin_field const* dropin_field_of(std::string_view name) noexcept {
  auto const found =
      std::find_if(dropin_fields.begin(), dropin_fields.end(),
                   [&](dropin_field const& one) { return one.snake == name || one.camel == name; });
  return found == dropin_fields.end() ? nullptr : &*found;
}

// Keeps a field; a second value for it is refused, whichever name it came under.
std::optional<std::string> put(dropin_request& into, dropin_field const& field,
                               std::string_view value) {
  bool const twice = std::visit(
      [&](auto place) {
        auto& slot = into.*place;
        if (slot) return true;
        slot.emplace(value);
        return false;
      },
      field.into);
  if (twice) return std::string{field.snake} + " is there twice";
  return std::nullopt;
}

checked<dropin_request> read_dropin_form(std::string_view body) {
  auto fields = parse_form(body);
  if (!fields.has_value()) return bad_body("the body is not a valid form");
  dropin_request read;
  std::optional<std::string> wrong;
  for (auto& one : *fields) {
    auto const* const field = dropin_field_of(one.name);
    if (field != nullptr && !wrong) wrong = put(read, *field, one.value);
    wipe(one.value);  // one of them is the client's secret
  }
  if (wrong) return bad_body(*std::move(wrong));
  return read;
}

checked<dropin_request> read_dropin_json(std::string_view body) {
  parsed_body const parsed{body};
  auto const* const object = parsed.object();
  if (object == nullptr) return bad_body("the body is not a JSON object");
  dropin_request read;
  for (auto const& member : *object) {
    auto const* const field = dropin_field_of({member.key().data(), member.key().size()});
    if (field == nullptr) continue;
    auto const* const text = member.value().if_string();
    if (text == nullptr) return bad_body(std::string{field->snake} + " is not a string");
    if (auto wrong = put(read, *field, {text->data(), text->size()})) {
      return bad_body(*std::move(wrong));
    }
  }
  return read;
}

}  // namespace

checked<dropin_request> read_dropin_request(std::string_view body, bool form) {
  auto const first = body.find_first_not_of(" \t\r\n");
  bool const looks_like_json = first != body.npos && body[first] == '{';
  return form && !looks_like_json ? read_dropin_form(body) : read_dropin_json(body);
}

}  // namespace wixtokend::api
