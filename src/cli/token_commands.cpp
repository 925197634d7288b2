// get, header, watch, reject.
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/printable.hpp"
#include "cli/secret_input.hpp"
#include "cli/time_text.hpp"

#include <algorithm>

namespace wixtokend::cli {
namespace {

using namespace std::chrono_literals;
using wixtoken::access_token;

constexpr std::chrono::milliseconds one_watch = 60s;
constexpr std::chrono::milliseconds pause_min = 1s;
constexpr std::chrono::milliseconds pause_max = 60s;

// What may be printed of a token: all but itself.
json_object facts_of(access_token const& token) {
  json_object out;
  out.number("expires_in", std::int64_t{token.expires_in.count()})
      .number("expires_at", token.expires_at)
      .number("upstream_expires_at", token.upstream_expires_at)
      .number("refresh_at", token.refresh_at)
      .text("instance_id", token.instance_id)
      .number("generation", static_cast<std::int64_t>(token.generation))
      .text("cache", to_string(token.cache));
  return out;
}

void print_facts(place& at, access_token const& token) {
  if (at.json) {
    at.to.out << facts_of(token).take() << std::endl;  // at once: somebody follows
    return;
  }
  at.to.out << date_text(at.to.now()) << "  generation " << token.generation << ", usable for "
            << length_text(token.expires_in.count());
  if (token.refresh_at) {
    at.to.out << ", the next one " << distance_text(token.refresh_at, at.to.now());
  }
  if (token.cache == wixtoken::cache_status::stale) at.to.out << " (stale)";
  at.to.out << std::endl;
}

void print_token(place& at, token_command const& what, access_token const& token) {
  auto& out = at.to.out;
  if (!at.json) {
    if (what.header) out << "Authorization: Bearer ";
    out << token.text.reveal() << '\n';
    return;
  }
  // A token is printable ASCII; a quote or a backslash would end the string.
  std::string quoted;
  quoted.reserve(2 * token.text.size() + 16);
  if (what.header) {
    append_json_string(quoted, token.authorization().reveal());
  } else {
    append_json_string(quoted, token.text.reveal());
  }
  out << (what.header ? "{\"Authorization\":" : "{\"access_token\":") << quoted << ','
      << facts_of(token).take().substr(1) << '\n';
  wixtoken::wipe(quoted);
}

// How long to wait before the daemon is asked again: as it says, else longer each time.
std::chrono::milliseconds pause_after(wixtoken::error const& why, unsigned failures) {
  std::chrono::milliseconds const said = why.retry_after.value_or(0s);
  auto const grown = pause_min * (1U << std::min(failures, 6U));
  return std::clamp(std::max(said, grown), pause_min, pause_max);
}

}  // namespace

exit_code act(place& at, token_command const& what) {
  wixtoken::needs wanted;
  wanted.min_valid = what.min_valid;
  wanted.wait = what.wait;
  auto const token = at.daemon.token(what.instance, wanted);
  if (token.has_error()) return at.fail(token.error());
  print_token(at, what, *token);
  return exit_code::good;
}

exit_code act(place& at, watch_command const& what) {
  auto first = at.daemon.token(what.instance);
  if (first.has_error()) return at.fail(first.error());
  print_facts(at, *first);
  auto generation = first->generation;
  unsigned failures = 0;
  for (std::uint64_t printed = 1; what.count == 0 || printed < what.count;) {
    auto const next = at.daemon.watch(what.instance, generation, one_watch);
    if (!at.to.out) return exit_code::output;
    if (next.has_error()) {
      // A restart of the daemon and a failure of Wix pass; what does not ends the watch.
      auto const code = at.fail(next.error());
      if (!next.error().retryable) return code;
      at.to.pause(pause_after(next.error(), failures++));
      continue;
    }
    failures = 0;
    if (!next->has_value()) continue;
    print_facts(at, **next);
    generation = (*next)->generation;
    ++printed;
  }
  return exit_code::good;
}

exit_code act(place& at, reject_command const& what) {
  if (what.drop) {
    auto const dropped = at.daemon.drop_token(what.instance);
    if (dropped.has_error()) return at.fail(dropped.error());
    if (at.json) at.to.out << json_object{}.flag("dropped", true).take() << '\n';
    if (!at.json) at.to.out << "dropped; a new one is being obtained\n";
    return exit_code::good;
  }
  auto replaced = [&]() -> wixtoken::result<access_token> {
    if (what.generation) return at.daemon.reject(what.instance, *what.generation);
    auto const present = at.daemon.view(what.instance);
    if (present.has_error()) return present.error();
    return at.daemon.reject(what.instance, present->generation);
  };
  if (what.token_file.empty()) {
    auto const next = replaced();
    if (next.has_error()) return at.fail(next.error());
    print_facts(at, *next);
    return exit_code::good;
  }
  auto const token = read_secret(at.to, what.token_file);
  if (!token.text) return at.fail(exit_code::no_input, token.problem);
  auto const next = at.daemon.reject(what.instance, *token.text);
  if (next.has_error()) return at.fail(next.error());
  print_facts(at, *next);
  return exit_code::good;
}

}  // namespace wixtokend::cli
