#include "client/problems.hpp"

#include "client/object_reader.hpp"
#include "wixtoken/detail/flow.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace wixtoken::detail {
namespace {

error make(error_kind kind, std::string code, std::string description, bool retryable = false) {
  error out;
  out.kind = kind;
  out.code = std::move(code);
  out.description = std::move(description);
  out.retryable = retryable;
  return out;
}

// Connecting to a file of another kind is refused with the same number as to a socket that nobody
// listens on.
error refused(std::string const& socket) {
  struct stat seen {};
  bool const there = ::stat(socket.c_str(), &seen) == 0;
  if (there && !S_ISSOCK(seen.st_mode)) {
    return make(error_kind::not_trusted, "not_a_socket",
                socket + " is a " + (S_ISDIR(seen.st_mode) ? "directory" : "file") +
                    ", not a socket: give the path of the daemon's socket (`path` under [[socket]] "
                    "in its configuration)");
  }
  return make(error_kind::unreachable, "not_listening",
              "nobody listens on " + socket +
                  " any more: the daemon has ended. Start it (systemctl start wixtokend), and look "
                  "into its log (journalctl -u wixtokend) if it does not stay",
              true);
}

error_kind kind_of(unsigned status, std::string_view code) noexcept {
  if (code == "unknown_path") return error_kind::protocol;
  switch (status) {
    case 403: return error_kind::denied;
    case 404: return error_kind::unknown;
    case 405: return error_kind::protocol;
    case 409: return error_kind::conflict;
    case 400:
    case 413:
    case 422:
    case 431: return error_kind::invalid;
    case 502: return error_kind::refused_by_wix;
    case 408:
    case 429:
    case 503:
    case 504: return error_kind::unavailable;
    default: return error_kind::protocol;
  }
}

std::optional<upstream_error> upstream_of(object_reader const& body) {
  auto const* const found = body.object("upstream");
  if (found == nullptr) return std::nullopt;
  object_reader const said{*found};
  return upstream_error{said.status("status"), said.text("code"), said.text("message"),
                        said.text("request_id")};
}

std::string list_of(std::vector<std::uint32_t> const& ids) {
  std::string out;
  for (auto const id : ids) out += (out.empty() ? "" : " or ") + std::to_string(id);
  return out;
}

}  // namespace

error connect_problem(std::string const& socket, int code) {
  switch (code) {
    case ENOENT:
    case ENOTDIR:
      return make(error_kind::unreachable, "socket_missing",
                  "there is no socket " + socket +
                      ": the daemon does not run, or listens elsewhere. Start it (systemctl start "
                      "wixtokend), or give the path that its configuration names",
                  true);
    case ECONNREFUSED: return refused(socket);
    case EACCES:
    case EPERM:
      return make(
          error_kind::no_permission, "permission_denied",
          "this user may not connect to " + socket +
              ": it needs write access to the socket and search access to the folders above "
              "it. Join the socket's group (ls -l " +
              socket + "), or use a socket that this user may use");
    case EPROTOTYPE:
      return make(error_kind::not_trusted, "not_a_socket",
                  socket + " is a socket of another kind: give the path of the daemon's socket");
    case ENAMETOOLONG:
      return make(error_kind::invalid, "invalid_argument",
                  "the socket's path must have 1 to 107 bytes, without NUL");
    default: break;
  }
  return make(error_kind::unreachable, "system_error",
              "connecting to " + socket + " failed: " + std::generic_category().message(code));
}

error wrong_owner(options const& settings, std::uint32_t seen) {
  return make(error_kind::not_trusted, "wrong_owner",
              "behind " + settings.socket + " is a process of user " + std::to_string(seen) +
                  ", not of " + list_of(settings.owners) +
                  ": nothing was sent. Find out who listens there (ss -xlp), or correct the "
                  "expected owner; a socket that systemd has made is root's (0)");
}

error timed_out(std::string const& socket, bool asked) {
  return make(error_kind::timed_out, "timed_out",
              asked ? socket +
                          " was connected to, but no whole answer came in time: the daemon is "
                          "starting, hangs, or needs longer for this. Look at its state (systemctl "
                          "status wixtokend), or allow more time"
                    : socket +
                          " has a full queue of connections: the daemon hangs or is overrun. Look "
                          "at its state (systemctl status wixtokend)",
              true);
}

error connection_lost(std::string const& socket) {
  return make(
      error_kind::connection_lost, "connection_lost",
      "the connection to " + socket +
          " ended before the answer was whole: the daemon was stopped or is being restarted. "
          "Ask again",
      true);
}

error malformed_answer(std::string const& socket) {
  return make(
      error_kind::protocol, "malformed_answer",
      "what " + socket +
          " sent is not an answer of HTTP/1.1: is it the socket of wixtokend? Compare it with "
          "`path` under [[socket]] in the daemon's configuration");
}

error other_version(answer const& got, std::string_view what) {
  auto out =
      make(error_kind::protocol, "other_version",
           "the answer (status " + std::to_string(got.status) + ") has no " + std::string{what} +
               ": it is of another version than this client, or not of wixtokend. Compare the "
               "versions (GET /version), and upgrade the older one");
  out.status = got.status;
  out.request_id = got.request_id;
  return out;
}

error invalid_argument(std::string description) {
  return make(error_kind::invalid, "invalid_argument", std::move(description));
}

error problem_of(answer const& got) {
  auto const body = parse_object(got.body);
  if (got.status < 400 || !body) {
    return other_version(got, "body in JSON with the reason");
  }
  object_reader read{*body};
  std::string const code{read.need_text("error")};
  if (code.empty()) return other_version(got, "member \"error\"");

  auto out =
      make(kind_of(got.status, code), code, read.text("error_description"), read.flag("retryable"));
  if (out.kind == error_kind::protocol) {
    out.description += " The daemon is of another version than this client: upgrade the older one.";
  }
  if (auto const pause = read.integer("retry_after"); pause && *pause >= 0) {
    out.retry_after = std::chrono::seconds{*pause};
  }
  out.status = got.status;
  out.request_id = got.request_id;
  out.max_min_valid = read.integer("max_min_valid");
  out.upstream = upstream_of(read);
  return out;
}

bool is_stopping(answer const& got) {
  return got.status == 503 && problem_of(got).code == "stopping";
}

}  // namespace wixtoken::detail
